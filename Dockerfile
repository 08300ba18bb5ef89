# One small image for every process of Dday. Two stages: what builds wheels stays behind.
FROM python:3.12-slim AS packages
COPY requirements.lock /
RUN python -m venv --without-pip /venv && pip --python /venv/bin/python install --no-cache-dir --require-hashes -r /requirements.lock

FROM python:3.12-slim
RUN groupadd --gid 10001 dday && useradd --uid 10001 --gid dday --no-create-home --home-dir /nonexistent dday \
    && install -d -o dday -g dday /var/lib/dday
COPY --from=packages /venv /venv
COPY . /app
RUN printf '#!/bin/sh\nexec /venv/bin/python /app/cli.py "$@"\n' > /usr/local/bin/dday && chmod 755 /usr/local/bin/dday \
    && /venv/bin/python -m compileall -q /app && chmod -R a+rX /app
ENV PYTHONUTF8=1 PYTHONDONTWRITEBYTECODE=1 DDAY_DATA=/var/lib/dday
USER dday
WORKDIR /var/lib/dday
ENTRYPOINT ["dday"]
CMD ["serve", "--host", "0.0.0.0"]
