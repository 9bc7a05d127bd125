# All images of the suite: `docker buildx bake`, or `make images`, which fills in the variables and takes one platform.
# Both at once are for an engine with containerd's image store, or `--push` from a builder of `docker buildx create`.
variable "REGISTRY" { default = "ids-suite" }
variable "VERSION" { default = "0.1.0" }
variable "REVISION" { default = "" }
variable "SWIFT_IMAGE" { default = "swift:6.3-bookworm" }
# Anything: the libraries of the images are installed anew, with what Debian has mended since, and those of the page fetched anew.
variable "UPDATE" { default = "" }

group "default" {
  targets = ["services"]
}

target "services" {
  name = service
  matrix = {
    service = ["eve-reader", "ecs-transformer", "opensearch-shipper", "metrics-exporter", "control-plane", "aws-provisioner"]
  }
  dockerfile = "services/Dockerfile"
  tags       = ["${REGISTRY}/${service}:${VERSION}"]
  platforms  = ["linux/amd64", "linux/arm64"]
  args = {
    SERVICE     = service
    SWIFT_IMAGE = SWIFT_IMAGE
    VERSION     = VERSION
  }
  no-cache-filter = UPDATE == "" ? [] : ["image", "pages"]
  labels          = REVISION == "" ? {} : { "org.opencontainers.image.revision" = REVISION }
}
