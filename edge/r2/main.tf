# A bucket of R2 that viewers read through Cloudflare's cache, by a domain of its own, under the rules of ../main.tf.
#
#   export CLOUDFLARE_API_TOKEN=…     a token that may edit R2 storage, and cache rules and settings of the zone
#   terraform init
#   terraform apply -var account_id=… -var zone_id=… -var domain=film.example.org

terraform {
  required_version = ">= 1.5"
  required_providers {
    cloudflare = {
      source  = "cloudflare/cloudflare"
      version = "~> 5.27"
    }
  }
}

variable "account_id" {
  type        = string
  description = "Account: Overview, API, Account ID in the dashboard"
}

variable "zone_id" {
  type        = string
  description = "Zone that the domain belongs to: Overview, API, Zone ID"
}

variable "domain" {
  type        = string
  description = "Where viewers find the film, such as film.example.org; nothing else may use that name"
}

variable "bucket" {
  type        = string
  default     = "films"
  description = "Name of the bucket"
}

# Where the zone has cache rules already, import its ruleset into this module first (see ../main.tf):
#   terraform import module.rules.cloudflare_ruleset.watchparty zones/ZONE_ID/RULESET_ID
module "rules" {
  source  = "../"
  zone_id = var.zone_id
}

resource "cloudflare_r2_bucket" "films" {
  account_id = var.account_id
  name       = var.bucket
}

# Without a domain of its own a bucket is not cached.
resource "cloudflare_r2_custom_domain" "films" {
  account_id  = var.account_id
  bucket_name = cloudflare_r2_bucket.films.name
  zone_id     = var.zone_id
  domain      = var.domain
  enabled     = true
  min_tls     = "1.2"
}

# The address that Cloudflare gives each bucket is slow on purpose, not cached, and guarded by no rule.
resource "cloudflare_r2_managed_domain" "films" {
  account_id  = var.account_id
  bucket_name = cloudflare_r2_bucket.films.name
  enabled     = false
}

# The page may lie on another site.
resource "cloudflare_r2_bucket_cors" "films" {
  account_id  = var.account_id
  bucket_name = cloudflare_r2_bucket.films.name
  rules = [
    {
      id = "players"
      allowed = {
        methods = ["GET", "HEAD"]
        origins = ["*"]
        headers = ["Cache-Control", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since", "Pragma", "Range"]
      }
      expose_headers  = ["Accept-Ranges", "Age", "CF-Cache-Status", "Content-Length", "Content-Range", "ETag", "Retry-After"]
      max_age_seconds = 86400
    }
  ]
}

# Parts of uploads that were broken off cost room until they go. `splitter publish` sends files of up to 5 GB in one piece.
resource "cloudflare_r2_bucket_lifecycle" "films" {
  account_id  = var.account_id
  bucket_name = cloudflare_r2_bucket.films.name
  rules = [
    {
      id         = "broken-off"
      enabled    = true
      conditions = { prefix = "" }
      abort_multipart_uploads_transition = {
        condition = { type = "Age", max_age = 86400 }
      }
    }
  ]
}
