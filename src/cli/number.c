/* cli/number.c -- see number.h. */
#include "cli/number.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* " from 1 to 1000", " of at least 1" or nothing, into text. */
static const char *range(double min, double max, char *text, size_t size) {
  if (max >= 0x1p53 && min <= -0x1p53)
    *text = '\0';
  else if (max >= 0x1p53)
    snprintf(text, size, " of at least %.15g", min);
  else
    snprintf(text, size, " from %.15g to %.15g", min, max);
  return text;
}

static masting_status not_a_number(const char *where, const char *text, size_t at, const char *kind,
                                   const char *example, mst_error *err) {
  if (!text[at])
    return mst_fail(err, MASTING_ERR_USAGE, "%s: not a number; expected %s, got '%s'%s%s", where,
                    kind, text, example ? "; try " : "", example ? example : "");
  return mst_fail(err, MASTING_ERR_USAGE,
                  "%s: not a number, at character %zu; expected %s, got '%s'%s%s", where, at + 1,
                  kind, text, example ? "; try " : "", example ? example : "");
}

/* strtod over text that must be plain decimal: no hexadecimal, no inf, no nan, no blanks. */
static masting_status decimal(const char *where, const char *text, const char *kind,
                              const char *example, double *value, mst_error *err) {
  char *end = NULL;
  size_t plain = strspn(text, "+-.0123456789eE");
  *value = strtod(text, &end);
  size_t used = (size_t)(end - text);
  if (used > plain) used = plain;
  if (text[used] || used == 0) return not_a_number(where, text, used, kind, example, err);
  return MASTING_OK;
}

masting_status mst_parse_whole(const char *where, const char *text, double min, double max,
                               const char *example, int64_t *value, mst_error *err) {
  double x = 0;
  char span[80], kind[120];
  snprintf(kind, sizeof kind, "a whole number%s", range(min, max, span, sizeof span));
  if (decimal(where, text, kind, example, &x, err) != MASTING_OK) return err->status;
  if (x != floor(x))
    return mst_fail(err, MASTING_ERR_USAGE, "%s: not whole; expected %s, got '%s'", where, kind,
                    text);
  if (!(x >= min && x <= max && fabs(x) <= 0x1p53))
    return mst_fail(err, MASTING_ERR_USAGE, "%s: out of range; expected %s, got '%s'", where, kind,
                    text);
  *value = (int64_t)x;
  return MASTING_OK;
}

masting_status mst_parse_real(const char *where, const char *text, double min, double max,
                              const char *example, double *value, mst_error *err) {
  double x = 0;
  char span[80], kind[120];
  snprintf(kind, sizeof kind, "a number%s", range(min, max, span, sizeof span));
  if (decimal(where, text, kind, example, &x, err) != MASTING_OK) return err->status;
  if (!(x >= min && x <= max))
    return mst_fail(err, MASTING_ERR_USAGE, "%s: out of range; expected %s, got '%s'", where, kind,
                    text);
  *value = x;
  return MASTING_OK;
}

masting_status mst_parse_seed(const char *where, const char *text, uint64_t *value,
                              mst_error *err) {
  static const char kind[] = "a whole number from 0 to 18446744073709551615";
  size_t digits = strspn(text, "0123456789");
  if (digits == 0 || text[digits]) return not_a_number(where, text, digits, kind, "1", err);
  errno = 0;
  *value = strtoull(text, NULL, 10);
  if (errno == ERANGE)
    return mst_fail(err, MASTING_ERR_USAGE, "%s: out of range; expected %s, got '%s'", where, kind,
                    text);
  return MASTING_OK;
}

/* 12, 3:50:00, 2-12:00:00; false: not of that form. */
static bool clock_form(const char *text, double *seconds) {
  unsigned days = 0, part[3] = {0};
  int n = 0, parts = 0;
  const char *at = text;
  if (sscanf(at, "%9u-%n", &days, &n) == 1 && n > 0) at += n;
  for (; parts < 3; parts++) {
    n = 0;
    if (!isdigit((unsigned char)*at) || sscanf(at, "%9u%n", &part[parts], &n) != 1) return false;
    at += n;
    if (*at != ':') break;
    at++;
  }
  if (*at || parts == 3) return false;
  *seconds = parts == 0   ? part[0]
             : parts == 1 ? part[0] * 60.0 + part[1]
                          : part[0] * 3600.0 + part[1] * 60.0 + part[2];
  *seconds += days * 86400.0;
  return true;
}

/* 3h50m, 1.5h */
static bool unit_form(const char *text, double *seconds) {
  static const char units[] = "dhms";
  static const double each[] = {86400, 3600, 60, 1};
  const char *after = units;
  for (*seconds = 0; *text;) {
    char *end;
    if (!isdigit((unsigned char)*text)) return false;
    const double x = strtod(text, &end);
    const char *unit = *end ? strchr(after, *end) : NULL;
    if (!unit) return false;
    *seconds += x * each[unit - units];
    after = unit + 1;
    text = end + 1;
  }
  return true;
}

masting_status mst_parse_duration(const char *where, const char *text, double *seconds,
                                  mst_error *err) {
  if ((clock_form(text, seconds) || unit_form(text, seconds)) && *seconds > 0 && *seconds < 1e10)
    return MASTING_OK;
  return mst_fail(err, MASTING_ERR_USAGE,
                  "%s: not a time; expected hours and minutes, or seconds, got '%s'; try %s 3h50m",
                  where, text, where);
}
