/* base/show.c -- see show.h. */
#include "base/show.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *mst_show_count(int64_t count, char text[MST_SHOW_SIZE]) {
  char digits[24];
  int n = snprintf(digits, sizeof digits, "%lld", (long long)count), out = 0;
  for (int i = 0; i < n; i++) {
    text[out++] = digits[i];
    if (digits[i] != '-' && i + 1 < n && (n - i - 1) % 3 == 0) text[out++] = ',';
  }
  text[out] = '\0';
  return text;
}

const char *mst_show_short(double count, char text[MST_SHOW_SIZE]) {
  static const char units[] = {' ', 'k', 'M', 'G', 'T', 'P'};
  int u = 0;
  while (count >= 999.5 && u < 5) {
    count /= 1000;
    u++;
  }
  if (u == 0)
    snprintf(text, MST_SHOW_SIZE, "%.0f", count);
  else
    snprintf(text, MST_SHOW_SIZE, "%.*f%c", count < 99.95, count, units[u]);
  return text;
}

const char *mst_show_bytes(int64_t bytes, char text[MST_SHOW_SIZE]) {
  static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  double value = (double)bytes;
  int u = 0;
  while (value >= 1024 && u < 5) {
    value /= 1024;
    u++;
  }
  snprintf(text, MST_SHOW_SIZE, "%.*f %s", u && value < 100 ? 1 : 0, value, units[u]);
  return text;
}

const char *mst_show_seconds(double s, char text[MST_SHOW_SIZE]) {
  long long whole = s < 1e15 ? llround(s) : 0;
  if (!(s >= 0 && s < 1e15))
    snprintf(text, MST_SHOW_SIZE, "?");
  else if (s < 0.9995e-3)
    snprintf(text, MST_SHOW_SIZE, "%.3g us", s * 1e6);
  else if (s < 0.9995)
    snprintf(text, MST_SHOW_SIZE, "%.3g ms", s * 1e3);
  else if (s < 99.95)
    snprintf(text, MST_SHOW_SIZE, "%.3g s", s);
  else if (whole < 3600)
    snprintf(text, MST_SHOW_SIZE, "%lld min %02lld s", whole / 60, whole % 60);
  else
    snprintf(text, MST_SHOW_SIZE, "%lld h %02lld min", whole / 3600, whole % 3600 / 60);
  return text;
}
