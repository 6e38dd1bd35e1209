/* model/cc_fault.c -- see cc_fault.h. The generated C names the lines of the program in comments
 * of their own, the only text in which the way back is written. */
#define _GNU_SOURCE
#include "model/cc_fault.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 1024 };

/* The first message that is an error, without what stands before it; *number: the first line of
 * the source that the messages name up to it, or 0. */
static bool first_error(const char *messages, const char *source, char *text, int *number) {
  char line[LINE];
  bool found = false;
  size_t n = strlen(source);
  FILE *f = fopen(messages, "rb");
  text[0] = '\0';
  *number = 0;
  while (f && fgets(line, sizeof line, f)) {
    line[strcspn(line, "\n")] = '\0';
    const char *at = strstr(line, source), *what = strstr(line, "error: ");
    /* an error in a header is followed by the place that called for it */
    if (at && at[n] == ':' && (what || found) && *number == 0) *number = atoi(at + n + 1);
    if (what && !found) {
      snprintf(text, LINE, "%s", what + strlen("error: "));
      found = true;
    }
    if (found && *number) break;
  }
  if (f) fclose(f);
  return found;
}

/* `place` becomes FILE:LINE of the program that the C's line `number` was made of; false: none. */
static bool find_place(const char *source, int number, char *place) {
  char line[LINE];
  FILE *f = fopen(source, "rb");
  place[0] = '\0';
  for (int i = 1; f && i <= number && fgets(line, sizeof line, f); i++) {
    if (!strncmp(line, "static ", 7)) place[0] = '\0'; /* another function */
    char *text = line + strspn(line, " "), *end = strstr(text, " */\n");
    if (strncmp(text, "/* ", 3) != 0 || !end) continue;
    *end = '\0';
    const char *colon = strrchr(text, ':');
    if (colon && colon[1] && strspn(colon + 1, "0123456789") == strlen(colon + 1))
      snprintf(place, LINE, "%s", text + 3);
  }
  if (f) fclose(f);
  return place[0] != '\0';
}

masting_status mst_cc_fault(const char *stan, const char *source, const char *kept,
                            const char *messages, const char *cc, int status, mst_error *err) {
  char text[LINE], place[LINE];
  int number = 0;
  if (!first_error(messages, source, text, &number))
    return mst_fail(err, MASTING_ERR_MODEL,
                    "%s: %s ended with status %d and no word of an error on the C made of this "
                    "program; this is a fault of masting, or its memory ran out; try less at a "
                    "time, and please report the program with %s",
                    stan, cc, status, kept);
  if (number == 0) /* about its options, or of itself */
    return mst_fail(
        err, MASTING_ERR_MODEL,
        "%s: %s ended with status %d; expected a C compiler that takes its options, got "
        "'%.300s'; try another --cc or other --cflags",
        stan, cc, status, text);
  const bool found = find_place(source, number, place);
  return mst_fail(err, MASTING_ERR_MODEL,
                  "%s: the C made of this %s is refused; this is a fault of masting; expected that "
                  "%s takes it, got '%.300s'; try --shard none, and please report the program with "
                  "%s, line %d",
                  found ? place : stan, found ? "line" : "program", cc, text, kept, number);
}
