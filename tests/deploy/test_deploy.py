"""What runs the assistant elsewhere is well-formed, by the tools of those who read it; no container is built here."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from assistant.observability.instruments import COUNTERS, GAUGES, TIMES
from assistant.settings import Settings

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy/helm/article-assistant"
KUBERNETES = "1.31"
SETTINGS = {f"ASSISTANT_{name.upper()}" for name in Settings.model_fields}
SECRETS = {"POSTGRES_PASSWORD": "kept", "ASSISTANT_AUTH": "reader:scrypt.00.00"}


def tool(name):
    """Return a program, of the virtual environment or of the system."""
    found = shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if found is None:
        pytest.skip(f"needs {name}")
    return found


# -- The image


def test_hadolint_has_nothing_to_say_of_the_dockerfile():
    done = subprocess.run([tool("hadolint"), ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_hadolint_would_say_something():
    bad = "FROM python\nRUN apt-get install curl\n"
    done = subprocess.run([tool("hadolint"), "-"], input=bad, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "DL3006" in done.stdout


def test_the_image_takes_what_is_there_and_no_torch():
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    extras = re.search(r"^ARG EXTRAS=(\S+)", dockerfile, re.MULTILINE)[1].split(",")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(extras) <= project["optional-dependencies"].keys()
    taken = [*project["dependencies"], *(one for extra in extras for one in project["optional-dependencies"][extra])]
    assert not [one for one in taken if re.match("torch|sentence-transformers|article-assistant", one)]
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for copied in re.findall(r"^COPY (?!--)(.+)", dockerfile, re.MULTILINE):
        for source in copied.split()[:-1]:
            assert (ROOT / source).exists()
            assert f"!{source.removeprefix('./')}" in ignored
    assert set(re.findall(r"ASSISTANT_\w+(?==)", dockerfile)) <= SETTINGS
    *_, last = re.findall(r"^USER (.+)", dockerfile, re.MULTILINE)
    assert int(last) > 0


# -- Compose


@pytest.fixture
def composed():
    environment = {**os.environ, **SECRETS}
    command = [tool("docker-compose"), "-f", str(ROOT / "compose.yaml"), "config"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)


def test_compose_serves_two_processes_behind_the_configuration_that_is_tested(composed):
    services = composed["services"]
    upstream = re.findall(r"^ +server (\w+):7860", (ROOT / "deploy/nginx/assistant.conf").read_text(), re.MULTILINE)
    assert upstream == ["app1", "app2"]
    assert set(upstream) <= services.keys()
    for name in upstream:
        environment = services[name]["environment"]
        assert environment["ASSISTANT_STORE"].startswith("postgresql://")
        assert environment["ASSISTANT_AUTH"] == SECRETS["ASSISTANT_AUTH"]
        assert {one for one in environment if one.startswith("ASSISTANT_")} <= SETTINGS
        assert services[name]["read_only"]
        assert "ports" not in services[name]
    assert services["app2"]["environment"]["ASSISTANT_REFRESH_MINUTES"] == "0"
    [published] = services["nginx"]["ports"]
    assert "127.0.0.1" in str(published)
    assert services["database"]["networks"].keys() == {"back"}
    assert composed["networks"]["back"]["internal"]


def test_compose_starts_nothing_without_its_secrets():
    environment = {name: value for name, value in os.environ.items() if name not in SECRETS}
    command = [tool("docker-compose"), "-f", str(ROOT / "compose.yaml"), "config"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode != 0
    assert "POSTGRES_PASSWORD" in done.stderr + done.stdout


# -- The chart


@pytest.fixture
def rendered():
    """Render the chart with values of one's own, each manifest validated against Kubernetes' schemas."""
    helm = pytest.importorskip("helm_python", reason="needs helm-python-sdk")
    validate = pytest.importorskip("kubernetes_validate", reason="needs kubernetes-validate")

    def render(**values):
        texts = helm.Chart.load(str(CHART)).render(values, name="release")
        manifests = [
            manifest
            for path, text in texts.items()
            if not path.endswith(".txt")
            for manifest in yaml.safe_load_all(text)
            if manifest
        ]
        for manifest in manifests:
            validate.validate(manifest, KUBERNETES, strict=True)
        return {manifest["kind"]: manifest for manifest in manifests}

    return render


def test_helm_finds_no_fault_with_the_chart():
    helm = pytest.importorskip("helm_python", reason="needs helm-python-sdk")
    report = helm.lint(str(CHART))
    assert report["errors"] == []
    assert [one for one in report["messages"] if one["severity"] > 1] == []


def test_the_chart_renders_what_kubernetes_takes(rendered):
    manifests = rendered()
    assert manifests.keys() == {"Deployment", "Service", "PodDisruptionBudget", "CronJob"}
    pod = manifests["Deployment"]["spec"]["template"]["spec"]
    [container] = pod["containers"]
    assert {one["name"] for one in container["env"] if one["name"].startswith("ASSISTANT_")} <= SETTINGS
    assert container["readinessProbe"]["httpGet"]["path"] == "/ready"
    assert container["livenessProbe"]["httpGet"]["path"] == "/health"
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert pod["securityContext"]["runAsNonRoot"]
    drain = next(int(one["value"]) for one in container["env"] if one["name"] == "ASSISTANT_DRAIN_SECONDS")
    assert pod["terminationGracePeriodSeconds"] > drain
    selector = manifests["Service"]["spec"]["selector"]
    assert selector.items() <= manifests["Deployment"]["spec"]["template"]["metadata"]["labels"].items()
    # The job that refreshes is none of those that visitors are sent to.
    job = manifests["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"]
    assert not selector.items() <= job.items()


def test_the_chart_takes_values(rendered):
    manifests = rendered(
        replicas=1,
        refreshSchedule="",
        settings={"ASSISTANT_CHAT_MODEL": "openai:gpt-5-mini", "ASSISTANT_K": 7},
        ingress={"enabled": True, "host": "read.example", "tlsSecret": "tls"},
        nodeSelector={"disk": "ssd"},
    )
    assert manifests.keys() == {"Deployment", "Service", "Ingress"}
    pod = manifests["Deployment"]["spec"]["template"]["spec"]
    assert {"name": "ASSISTANT_K", "value": "7"} in pod["containers"][0]["env"]
    assert pod["nodeSelector"] == {"disk": "ssd"}
    assert manifests["Ingress"]["spec"]["tls"] == [{"hosts": ["read.example"], "secretName": "tls"}]
    assert manifests["Ingress"]["metadata"]["annotations"]["nginx.ingress.kubernetes.io/affinity"] == "cookie"


def test_validation_would_refuse_a_wrong_manifest():
    validate = pytest.importorskip("kubernetes_validate", reason="needs kubernetes-validate")
    wrong = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {"prots": []}}
    with pytest.raises(validate.ValidationError):
        validate.validate(wrong, KUBERNETES, strict=True)


# -- The dashboard


def prometheus_names():
    """Return the series that the metrics become, as OpenTelemetry's collector names them for Prometheus."""
    names = {f"{name}_total" for name in COUNTERS} | {
        f"{name}{'_seconds' if unit == 's' else ''}" for name, (unit, _) in GAUGES.items()
    }
    names |= {f"{name}_seconds_{part}" for name in TIMES for part in ("bucket", "sum", "count")}
    return {name.replace(".", "_") for name in names}


def test_the_dashboard_shows_every_metric_and_none_that_is_not_there():
    dashboard = json.loads((ROOT / "deploy/grafana/article-assistant.json").read_text(encoding="utf-8"))
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    shown = {name for query in queries for name in re.findall(r"\bassistant_\w+", query)}
    known = prometheus_names()
    assert shown <= known
    assert {re.sub("_(bucket|sum|count)$", "", name) for name in known} == {
        re.sub("_(bucket|sum|count)$", "", name) for name in shown
    }
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard["panels"]]
    assert len(set(places)) == len(places)
