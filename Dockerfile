# Ships the checkout: the server runs its TypeScript directly, so there is nothing to build but the web app.
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
