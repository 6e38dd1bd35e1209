# tests/laws
