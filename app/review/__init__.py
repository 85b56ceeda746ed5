"""What comes out of scoring: tables, statistics, reports. No Qt."""
