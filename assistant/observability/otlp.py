"""`OtlpRecorder`: spans and metrics for an OpenTelemetry collector, over OTLP/HTTP.

The providers are this module's own: libraries that report to the process's common ones (MCP's, LangChain's
instrumentations) are not sent along, and neither the variables `OTEL_…` nor a resource detector adds an address or,
from the command line, a question. Only what those variables say of headers, certificates and compression counts.
"""

import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import version

from assistant.errors import SettingsError
from assistant.observability import Stage, Value, request_id
from assistant.observability.instruments import COUNTERS, GAUGES, SECONDS, TIMES

try:
    import requests
    from opentelemetry import context, trace
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.metrics import CallbackOptions, Observation
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ALWAYS_ON
except ImportError as error:
    raise SettingsError(
        'ASSISTANT_OTLP_ENDPOINT needs the extra otel: pip install "article-assistant[otel]".'
    ) from error

SCOPE = "article-assistant"
EXPORT_SECONDS = 15
SEND_SECONDS = 3
"""So long may the collector take; a program that ends waits as long for one that is not there."""
_LABEL = re.compile(r"[\w.:/+@-]{1,100}")


class _Stage(Stage):
    """A span, whose time goes to the distribution of its stage too."""

    def __init__(self, span: trace.Span, name: str, record: Callable[[str, float, dict[str, Value]], None]) -> None:
        self._span = span
        self._name = name
        self._record = record
        self._started = time.perf_counter()

    def note(self, **attributes: Value) -> None:
        self._span.set_attributes(_safe(attributes, "assistant."))

    def end(self, failure: type[BaseException] | None = None) -> None:
        if failure is not None:
            # An error's message may quote what it is about.
            self._span.set_attribute("error.type", failure.__name__)
            self._span.set_status(trace.StatusCode.ERROR)
        self._span.end()
        self._record("assistant.stage.duration", time.perf_counter() - self._started, {"stage": self._name})

    def around(self) -> AbstractContextManager[object]:
        return self._within()

    @contextmanager
    def _within(self) -> Iterator[None]:
        token = context.attach(trace.set_span_in_context(self._span))
        try:
            yield
        finally:
            context.detach(token)


class OtlpRecorder:
    """Sends spans and metrics to one endpoint, in threads of its own; what is left is sent when the process ends.

    Args:
        endpoint: The collector's address without a signal's path.
    """

    def __init__(self, endpoint: str) -> None:
        base = endpoint.rstrip("/")
        resource = Resource(
            {
                "service.name": SCOPE,
                "service.version": version("article-assistant"),
                "service.instance.id": secrets.token_hex(8),
            }
        )
        self._traces = TracerProvider(resource=resource, sampler=ALWAYS_ON)
        spans = OTLPSpanExporter(f"{base}/v1/traces", timeout=SEND_SECONDS, session=_session())
        self._traces.add_span_processor(BatchSpanProcessor(spans))
        metrics = OTLPMetricExporter(f"{base}/v1/metrics", timeout=SEND_SECONDS, session=_session())
        reader = PeriodicExportingMetricReader(metrics, export_interval_millis=EXPORT_SECONDS * 1000)
        self._metrics = MeterProvider([reader], resource)
        self._tracer = self._traces.get_tracer(SCOPE)
        meter = self._metrics.get_meter(SCOPE)
        self._counters = {
            name: meter.create_counter(name, unit, description) for name, (unit, description) in COUNTERS.items()
        }
        self._times = {
            name: meter.create_histogram(name, unit, description, explicit_bucket_boundaries_advisory=SECONDS)
            for name, (unit, description) in TIMES.items()
        }
        self._meter = meter

    def begin(self, name: str, attributes: dict[str, Value]) -> Stage:
        """Begin a span within the current one."""
        span = self._tracer.start_span(name, attributes=_safe(attributes, "assistant."))
        if request := request_id():
            span.set_attributes(_safe({"request": request}, "assistant."))
        return _Stage(span, name, self.record)

    def count(self, name: str, amount: int, attributes: dict[str, Value]) -> None:
        """Add to a counter."""
        self._counters[name].add(amount, _safe(attributes))

    def record(self, name: str, seconds: float, attributes: dict[str, Value]) -> None:
        """Add a time to a distribution."""
        self._times[name].record(seconds, _safe(attributes))

    def watch(self, name: str, read: Callable[[], float | None]) -> None:
        """Read a value with each export."""
        unit, description = GAUGES[name]

        def observe(options: CallbackOptions) -> Iterable[Observation]:
            del options
            value = read()
            return [] if value is None else [Observation(value)]

        self._meter.create_observable_gauge(name, [observe], unit, description)

    def flush(self) -> None:
        """Send what is waiting."""
        self._traces.force_flush()
        self._metrics.force_flush()


def _session() -> requests.Session:
    """Return a client that goes to the address it is given and nowhere else: by no proxy, and by no redirect."""
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    return session


def _safe(attributes: dict[str, Value], prefix: str = "") -> dict[str, Value]:
    """Return attributes by their full names, without strings that are no label."""
    return {
        prefix + name: value
        for name, value in attributes.items()
        if not isinstance(value, str) or _LABEL.fullmatch(value)
    }
