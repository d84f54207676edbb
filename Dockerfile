# syntax=docker/dockerfile:1
FROM node:24-trixie-slim AS build
WORKDIR /build
# First only what decides which packages there are: a change of the source does not download them again.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY build.ts tsconfig.json ./
COPY src src
RUN npm run build

# No shell, no package manager, and Node by itself; what the bundle needs is in it.
FROM gcr.io/distroless/nodejs24-debian13:nonroot
LABEL org.opencontainers.image.source="https://github.com/daytwo-dev/daytwo" \
      org.opencontainers.image.description="Day-2 readiness guardrails for Kubernetes" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /daytwo
COPY package.json ./
COPY policies policies
COPY --from=build /build/dist dist
# A number, so that the kubelet can tell that it is not root.
USER 65532:65532
EXPOSE 8443
# The heap ends well below the memory limit, for TLS buffers and code live outside of it: rather a collection than an OOM kill. The young heap stays small: V8 would let it grow by 100 MiB for nothing.
ENTRYPOINT ["/nodejs/bin/node", "--max-old-space-size-percentage=60", "--max-semi-space-size=16", "dist/main.js"]
CMD ["serve"]
