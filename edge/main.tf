# The same rules as cache-rules.json; a test holds the two against each other.

terraform {
  required_version = ">= 1.5"
  required_providers {
    cloudflare = {
      source = "cloudflare/cloudflare"
      # origin_range_requests is known from 5.27 on.
      version = "~> 5.27"
    }
  }
}

variable "zone_id" {
  type        = string
  description = "Zone of the site: Overview, API, Zone ID in the dashboard"
}

# A zone has one ruleset in this phase. Where there are rules already, import it first and merge them by hand:
#   terraform import cloudflare_ruleset.watchparty zones/ZONE_ID/RULESET_ID
resource "cloudflare_ruleset" "watchparty" {
  zone_id     = var.zone_id
  name        = "default"
  description = "Watchparty: one film in large chunks, kept at the edge"
  kind        = "zone"
  phase       = "http_request_cache_settings"

  rules = [
    {
      ref         = "watchparty_cache"
      description = "B: keep the film and the page for as long as the origin says"
      expression  = "http.request.uri.path.extension in {\"mp4\" \"m4s\" \"m4v\" \"m4a\" \"mp3\" \"webm\" \"bin\" \"vtt\" \"srt\" \"js\" \"css\" \"wasm\" \"png\" \"jpg\" \"jpeg\" \"webp\" \"avif\" \"svg\" \"ico\" \"json\" \"m3u8\" \"mpd\"}"
      action      = "set_cache_settings"
      action_parameters = {
        cache = true
        edge_ttl = {
          mode            = "respect_origin"
          status_code_ttl = [{ status_code_range = { from = 400, to = 499 }, value = -1 }]
        }
        browser_ttl          = { mode = "respect_origin" }
        respect_strong_etags = true
      }
      enabled = true
    },
    {
      ref         = "watchparty_ranges"
      description = "Ask the origin for the part of a chunk that is missing, not for all of it"
      expression  = "http.request.uri.path.extension in {\"mp4\" \"m4s\" \"m4v\" \"m4a\" \"mp3\" \"webm\"}"
      action      = "set_cache_settings"
      action_parameters = {
        origin_range_requests = { mode = "on" }
      }
      enabled = true
    },
    {
      ref         = "watchparty_bypass"
      description = "A: never keep what belongs to one person; last, because the last matching rule wins"
      expression  = "starts_with(lower(http.request.uri.path), \"/api/\") or starts_with(lower(http.request.uri.path), \"/socket.io/\") or starts_with(lower(http.request.uri.path), \"/admin/\") or lower(http.request.uri.path) contains \"/login\" or lower(http.request.uri.path) contains \"/callback\" or starts_with(http.request.uri.query, \"verify=\")"
      action      = "set_cache_settings"
      action_parameters = {
        cache = false
      }
      enabled = true
    },
  ]
}

# Data centres ask one another before they ask the origin.
resource "cloudflare_argo_tiered_caching" "watchparty" {
  zone_id = var.zone_id
  value   = "on"
}

# Of all data centres only the one nearest to the origin asks it.
resource "cloudflare_tiered_cache" "watchparty" {
  zone_id    = var.zone_id
  value      = "on"
  depends_on = [cloudflare_argo_tiered_caching.watchparty]
}
