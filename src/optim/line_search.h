/* optim/line_search.h -- a step length along a direction, as a state machine: it requests function
 * values and slopes and processes them.
 *
 * Minimises f(a) along a descent direction until a meets the strong Wolfe conditions
 *     f(a) <= f(0) + c1 a f'(0),  |f'(a)| <= c2 |f'(0)|,  c1 = 1e-4, c2 = 0.9:
 * Nocedal and Wright 2006, "Numerical Optimization", algorithms 3.5 and 3.6, with cubic
 * interpolation (eq. 3.59). Where f is not finite the step is too long. Changes of f below what
 * f can resolve do not count as a rise, so that slopes decide near a mode. Pure: the same bits
 * on all ranks.
 */
#ifndef MST_OPTIM_LINE_SEARCH_H
#define MST_OPTIM_LINE_SEARCH_H

#include <stdbool.h>

#define MST_LINE_TRIES 30
#define MST_LINE_LONGEST 1e12 /* steps grow no further: f falls without bound */

typedef enum mst_line_word {
  MST_LINE_TRY,   /* evaluate at `step` */
  MST_LINE_FOUND, /* the last step is good */
  MST_LINE_FAILED,
  MST_LINE_UNBOUNDED
} mst_line_word;

typedef struct mst_line_search {
  double step;                  /* to be evaluated next */
  double f0, slope0;            /* at 0 */
  double slack;                 /* changes of f that mean nothing */
  double low, f_low, slope_low; /* best end of the bracket, or the last step on the way out */
  double high, f_high, slope_high;
  bool bracketed, last; /* last: one more evaluation at `low`, and that is it */
  int tries;
} mst_line_search;

/* slope must be negative, step positive. */
void mst_line_begin(mst_line_search *s, double f, double slope, double step);

/* Value and slope at s->step. */
mst_line_word mst_line_digest(mst_line_search *s, double f, double slope);

#endif
