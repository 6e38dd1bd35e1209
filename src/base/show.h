/* base/show.h -- numbers for people: 1,234,567; 3.4 GiB; 1 h 02 min; 2.1 million. Not collective.
 *
 * Each writes into `text` and returns it; MST_SHOW_SIZE bytes always suffice.
 */
#ifndef MST_BASE_SHOW_H
#define MST_BASE_SHOW_H

#include <stdint.h>

#define MST_SHOW_SIZE 48

const char *mst_show_count(int64_t count, char text[MST_SHOW_SIZE]);    /* 1,234,567 */
const char *mst_show_short(double count, char text[MST_SHOW_SIZE]);     /* 12.3k, 2.1M */
const char *mst_show_bytes(int64_t bytes, char text[MST_SHOW_SIZE]);    /* 3.4 GiB */
const char *mst_show_seconds(double seconds, char text[MST_SHOW_SIZE]); /* 34 us, 1 h 02 min */

#endif
