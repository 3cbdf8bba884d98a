# podwire for nodes: built from source in the first stage, the executable and the C library alone in the second.
FROM node:20-bookworm AS build
WORKDIR /src
COPY . .
RUN npm ci && npm run build

FROM debian:12-slim
COPY --from=build /src/dist/podwire /opt/cni/bin/podwire
COPY conf/10-podwire.conflist /etc/cni/net.d/10-podwire.conflist
ENTRYPOINT ["/opt/cni/bin/podwire"]
CMD ["--help"]
