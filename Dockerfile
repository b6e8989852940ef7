# One image, one process. With DATABASE_URL it uses that PostgreSQL, else the embedded one in the volume.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc* ./
RUN npm ci
COPY . .
# The built page carries a stamp of its sources: the server does not build it again.
RUN npm run build && npm prune --omit=dev && rm -rf bench test .ci

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="Fanfare" org.opencontainers.image.licenses="AGPL-3.0-only"
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 FANFARE_DATA=/var/lib/fanfare
RUN useradd --system --uid 10001 --home-dir /var/lib/fanfare fanfare && install -d -o fanfare -g fanfare -m 0700 /var/lib/fanfare
WORKDIR /app
COPY --from=build /app /app
USER fanfare
VOLUME /var/lib/fanfare
EXPOSE 3000
# Alive is not ready: a database that is away for a moment is no reason to start anew.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# SIGTERM hands back what is being sent; give it 30 seconds.
STOPSIGNAL SIGTERM
CMD ["node", "bin/fanfare.js", "start"]
