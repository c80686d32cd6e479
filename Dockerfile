# Ships the checkout with the web app and the server's bundle built.
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY . .
RUN node tools/bootstrap.mjs build

FROM debian:bookworm-slim
WORKDIR /app
COPY --from=build /app /app
RUN useradd --system --uid 10001 watchroom && mkdir /data && chown watchroom /data
USER watchroom
EXPOSE 8080
ENTRYPOINT ["/app/bin/watchroom"]
