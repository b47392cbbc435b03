# One image for the web server, the workers and the beat; docker-compose.yml says which runs what.

FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never
WORKDIR /app
COPY requirements/ requirements/
RUN python -m venv /opt/uv \
    && /opt/uv/bin/pip install --quiet --require-hashes -r requirements/uv.txt
RUN /opt/uv/bin/uv venv --quiet --python /usr/local/bin/python /opt/platform \
    && /opt/uv/bin/uv pip install --quiet --python /opt/platform/bin/python \
        --require-hashes --compile-bytecode -r requirements/base.txt
# The scanner is a separate program: its pins would drag ours down.
RUN /opt/uv/bin/uv venv --quiet --python /usr/local/bin/python /opt/semgrep \
    && /opt/uv/bin/uv pip install --quiet --python /opt/semgrep/bin/python \
        --require-hashes --compile-bytecode -r requirements/semgrep.txt
# With demo/rules: the pack of rules that we ship.
COPY . .
# The addresses are never called here; settings want to read them.
RUN SECRET_KEY=only-while-building DATABASE_URL=postgresql://build@build/build \
    REDIS_URL=redis://build:6379/0 STATIC_ROOT=/app/staticfiles \
    /opt/platform/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && /opt/platform/bin/python -m compileall -q /app

FROM python:3.12-slim-bookworm AS run
# Git serves the code host "local git", which is off unless ALLOW_LOCAL_REPOSITORIES is set.
RUN apt-get update \
    && apt-get install -y --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --home-dir /tmp assistant
COPY --from=build /opt/platform /opt/platform
COPY --from=build /opt/semgrep /opt/semgrep
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/platform/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/tmp/assistant \
    STATIC_ROOT=/app/staticfiles \
    SEMGREP_PROGRAM=/opt/semgrep/bin/semgrep \
    SEMGREP_ENABLE_VERSION_CHECK=0 \
    SEMGREP_SEND_METRICS=off
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["gunicorn", "assistant_platform.wsgi", "--bind", "0.0.0.0:8000", \
     "--workers", "2", "--threads", "16", "--timeout", "120", "--worker-tmp-dir", "/dev/shm"]
