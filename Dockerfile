# podwire for nodes: built from source in the first stage; the result holds the executable and the C library alone.
# Both architectures: docker buildx build --platform linux/amd64,linux/arm64 .
ARG NODE_IMAGE=docker.io/library/node:20.20.2-bookworm

# On the builder's own architecture: the executable of another one needs no emulation.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS build
ARG TARGETARCH
WORKDIR /src
COPY . .
# node_modules is there only where the build context brings it, for builds without a network. No package is compiled.
RUN [ -d node_modules ] || npm ci --ignore-scripts
RUN case "$TARGETARCH" in amd64) target=linux-x64 ;; arm64) target=linux-arm64 ;; *) echo "no build for $TARGETARCH"; exit 1 ;; esac \
 && npm run build -- "--target=$target" --outfile=/podwire

# Of the target's architecture; nothing is run here.
FROM ${NODE_IMAGE} AS libc

FROM scratch
LABEL org.opencontainers.image.title="podwire" \
      org.opencontainers.image.description="CNI plugin in one executable, and the agent that installs it" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=libc /usr/lib/*-linux-gnu/libc.so.6 /usr/lib/*-linux-gnu/libm.so.6 /usr/lib/*-linux-gnu/libdl.so.2 \
     /usr/lib/*-linux-gnu/libpthread.so.0 /usr/lib/*-linux-gnu/ld-linux-*.so.* /lib/
# Where executables of x86-64 look for their loader; those of arm64 look in /lib.
COPY --from=libc /usr/lib/*-linux-gnu/ld-linux-*.so.* /lib64/
# Without the manual page, which nobody reads here: /podwire man prints it.
COPY --from=build /podwire /podwire
ENTRYPOINT ["/podwire"]
CMD ["install", "--watch"]
