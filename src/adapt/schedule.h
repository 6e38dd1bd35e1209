/* adapt/schedule.h -- when the metric's estimators are updated, reset and switched, when the metric
 * is recomputed, and from when on it is final.
 *
 * Time is counted in warm-up draws, of the chain itself (no pool) or the mean over chains (pool):
 * never in seconds, so that a run can be repeated.
 *
 *   fisher    both estimators process every draw; the metric comes from the older; at a switch the
 *             younger becomes the older and a new one begins. Switches every `early` draws for the
 *             first 30 % of warm-up, then after windows that grow by 1.5, while the next one ends
 *             before 85 %, where the metric is final (nutpie; Seyboldt, Carlson and Carpenter 2025)
 *   variance  Stan's windows: 75 | 25 50 100 ... | 50 of 1000, in proportion below 150; the metric
 *             is recomputed at the end of each (Stan Reference Manual, "Automatic parameter
 *             tuning")
 *
 * Not collective.
 */
#ifndef MST_ADAPT_SCHEDULE_H
#define MST_ADAPT_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

typedef enum mst_schedule_kind {
  MST_SCHEDULE_NONE,
  MST_SCHEDULE_FISHER,
  MST_SCHEDULE_STAN
} mst_schedule_kind;

typedef struct mst_schedule {
  mst_schedule_kind kind;
  int warmup;          /* draws */
  double next, window; /* time of the next switch, length of the window that ends there */
  double late;         /* fisher: first window after the early ones */
  double end;          /* time from which the metric is final */
  bool final;
  bool discard; /* variance: still in the first phase */
} mst_schedule;

typedef struct mst_schedule_event {
  bool switched;  /* fisher: the younger estimator takes over; variance: window's end */
  bool discarded; /* variance: the estimator is reset */
  bool ended;     /* the metric is final with its next recomputation */
} mst_schedule_event;

/* chains: how many feed one estimator; pooled windows are as many draws shorter. */
void mst_schedule_begin(mst_schedule *s, mst_schedule_kind kind, int warmup, int chains);

/* What happens at this time; call with time non-decreasing. */
mst_schedule_event mst_schedule_at(mst_schedule *s, double time);

#endif
