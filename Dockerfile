# docker build -t andon .
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X github.com/andon-dev/andon/internal/cli.Version=$VERSION" -o /andon ./cmd/andon
RUN install -d -m 0700 -o 10001 -g 10001 /made/home && install -d -m 1777 /made/tmp

# One static file. For workers, which need programs of their own, start from an
# image that has them and COPY --from=andon /andon /usr/local/bin/andon.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /made/ /
COPY --from=build /andon /andon
USER 10001:10001
ENV ANDON_HOME=/home HOME=/home PATH=/
VOLUME /home
ENTRYPOINT ["/andon"]
CMD ["gateway", "run"]
