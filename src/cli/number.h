/* cli/number.h -- numbers from text, with messages that name the character that is wrong.
 *
 * `where` begins the message; `example` (may be NULL) ends it: "try --draws 1000". Not collective.
 */
#ifndef MST_CLI_NUMBER_H
#define MST_CLI_NUMBER_H

#include <stdint.h>

#include "base/error.h"

/* A whole number ("5000", "1e6"), min to max inclusive (both at most 2^53). */
masting_status mst_parse_whole(const char *where, const char *text, double min, double max,
                               const char *example, int64_t *value, mst_error *err);

/* A finite real number, min to max inclusive. */
masting_status mst_parse_real(const char *where, const char *text, double min, double max,
                              const char *example, double *value, mst_error *err);

/* A seed: digits, 0 to 2^64 - 1. */
masting_status mst_parse_seed(const char *where, const char *text, uint64_t *value, mst_error *err);

/* A time in seconds, more than 0: "3h50m", "90s", "2d", "3600" (seconds), or as Slurm writes it,
 * "50:00" (minutes), "3:50:00", "2-12:00:00". */
masting_status mst_parse_duration(const char *where, const char *text, double *seconds,
                                  mst_error *err);

#endif
