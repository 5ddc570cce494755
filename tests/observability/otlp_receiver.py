"""An OTLP/HTTP receiver on loopback: what a collector would have been sent."""

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Receiver:
    """Keeps every request, by its path, and what it says."""

    def __enter__(self):
        self.bodies = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                receiver.bodies.append((self.path, body))
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def resources(self):
        """The attributes of all that sent anything."""
        found = []
        for path, body in self.bodies:
            if path == "/v1/traces":
                found += [one.resource for one in ExportTraceServiceRequest.FromString(body).resource_spans]
            else:
                found += [one.resource for one in ExportMetricsServiceRequest.FromString(body).resource_metrics]
        return [{one.key: one.value.string_value for one in resource.attributes} for resource in found]

    @property
    def spans(self):
        return [
            span
            for path, body in self.bodies
            if path == "/v1/traces"
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    @property
    def metrics(self):
        """The latest state of each metric, by its name."""
        return {
            metric.name: metric
            for path, body in self.bodies
            if path == "/v1/metrics"
            for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }


def attributes(of):
    """Return the attributes of a span or a data point."""
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in of.attributes}


def points(metric):
    """Return the data points of a metric, whatever its kind."""
    return list(getattr(metric, metric.WhichOneof("data")).data_points)
