"""Window logic without Qt: each controller takes its views and services by Protocol."""
