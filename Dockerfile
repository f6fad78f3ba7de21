# Calibration Monitoring. Build: docker build -t calibration-monitoring .
# Run:   docker run -v ./devices.yaml:/config/devices.yaml:ro -v spool:/data calibration-monitoring

# The OpenCV binding is compiled here, and TypeScript; nothing of the tools gets into the image.
FROM node:26-bookworm AS build
# The versions are those of the Debian release that the line above names.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends g++ libopencv-dev make python3 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV OPENCV4NODEJS_DISABLE_AUTOBUILD=1 JOBS=max
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund \
  && npm_config_nodedir=/usr/local npm rebuild @u4/opencv4nodejs \
  && test -f node_modules/@u4/opencv4nodejs/build/Release/opencv4nodejs.node
COPY tsconfig.json ./
COPY src ./src
RUN node_modules/.bin/tsc -p . \
  && find src -name '*.ts' -delete \
  && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:26-bookworm-slim
# What the binding is linked with, and ffmpeg for the frames.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends \
    ca-certificates ffmpeg tini \
    libopencv-calib3d406 libopencv-contrib406 libopencv-core406 libopencv-dnn406 libopencv-features2d406 \
    libopencv-flann406 libopencv-highgui406 libopencv-imgcodecs406 libopencv-imgproc406 libopencv-ml406 \
    libopencv-objdetect406 libopencv-photo406 libopencv-video406 libopencv-videoio406 \
  && rm -rf /var/lib/apt/lists/* \
  && mkdir -p /data /config \
  && chown 1000:1000 /data
ENV NODE_ENV=production \
  OPENCV4NODEJS_DISABLE_AUTOBUILD=1 \
  CALIB_CONFIG=/config/devices.yaml
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/src ./src
USER 1000:1000
WORKDIR /data
EXPOSE 9464
# Healthy while /healthz of `health` in devices.yaml says so; without that section there is nothing to ask.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/healthz').then((got) => process.exit(got.ok ? 0 : 1), () => process.exit(1))"]
# A camera that was moved is driven back before the program ends.
STOPSIGNAL SIGTERM
ENTRYPOINT ["tini", "--", "node", "/app/dist/src/main.js"]
CMD ["serve"]
