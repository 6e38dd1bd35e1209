/* base/clock.h -- seconds on a clock that does not jump. Not collective. */
#ifndef MST_BASE_CLOCK_H
#define MST_BASE_CLOCK_H

double mst_now(void);

#endif
