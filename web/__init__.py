"""Who asks: the team lead's answer form and the admin's pages, rendered on the server."""
