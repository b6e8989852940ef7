# One image, one process. With DATABASE_URL it uses that PostgreSQL, else the embedded one in the volume.
FROM node:24-bookworm-slim
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev && mkdir -p /var/lib/fanfare
ENV HOST=0.0.0.0 PORT=3000 FANFARE_DATA=/var/lib/fanfare
VOLUME /var/lib/fanfare
EXPOSE 3000
CMD ["node", "bin/fanfare.js", "start"]
