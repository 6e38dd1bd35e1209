/* optim/line_search.c -- see line_search.h. */
#include "optim/line_search.h"

#include <float.h>
#include <math.h>

#define ENOUGH 1e-4 /* c1 */
#define FLAT 0.9    /* c2 */
#define MARGIN 0.1  /* of the bracket, which a new step keeps from its ends */

void mst_line_begin(mst_line_search *s, double f, double slope, double step) {
  *s = (mst_line_search){.step = step,
                         .f0 = f,
                         .slope0 = slope,
                         .slack = 8 * DBL_EPSILON * fmax(1.0, fabs(f)),
                         .f_low = f,
                         .slope_low = slope};
}

/* Minimum of the cubic with the bracket's values and slopes; NaN if it has none. */
static double cubic(const mst_line_search *s) {
  const double w = s->low - s->high;
  const double d1 = s->slope_low + s->slope_high - 3 * (s->f_low - s->f_high) / w;
  const double square = d1 * d1 - s->slope_low * s->slope_high;
  const double d2 = copysign(sqrt(square), s->high - s->low);
  return s->high -
         (s->high - s->low) * (s->slope_high + d2 - d1) / (s->slope_high - s->slope_low + 2 * d2);
}

static double inside(const mst_line_search *s) {
  const double width = s->high - s->low;
  if (!isfinite(s->f_high) || !isfinite(s->slope_high)) return s->low + MARGIN * width;
  double a = cubic(s);
  if (!isfinite(a)) a = s->low + 0.5 * width;
  const double near = s->low + MARGIN * width, far = s->high - MARGIN * width;
  return fmin(fmax(a, fmin(near, far)), fmax(near, far));
}

static void set_low(mst_line_search *s, double f, double slope) {
  s->low = s->step;
  s->f_low = f;
  s->slope_low = slope;
}

static void set_high(mst_line_search *s, double at, double f, double slope) {
  s->high = at;
  s->f_high = f;
  s->slope_high = slope;
  s->bracketed = true;
}

/* On the way out: longer steps, by where the cubic through the last two has its minimum. */
static double outside(const mst_line_search *s, double before, double f_before,
                      double slope_before) {
  const mst_line_search pair = {.low = before,
                                .f_low = f_before,
                                .slope_low = slope_before,
                                .high = s->low,
                                .f_high = s->f_low,
                                .slope_high = s->slope_low};
  const double a = cubic(&pair), least = 2 * s->low, most = 10 * s->low;
  return isfinite(a) && a > s->low ? fmin(fmax(a, least), most) : most;
}

static mst_line_word give_up(mst_line_search *s) {
  if (!(s->low > 0)) return MST_LINE_FAILED;
  s->step = s->low;
  s->last = true;
  return MST_LINE_TRY;
}

mst_line_word mst_line_digest(mst_line_search *s, double f, double slope) {
  const double bound = s->f0 + ENOUGH * s->step * s->slope0;
  const bool low_enough = isfinite(f) && isfinite(slope) && f <= bound + s->slack;
  s->tries++;
  if (s->last) return low_enough && f <= bound ? MST_LINE_FOUND : MST_LINE_FAILED;
  if (low_enough && fabs(slope) <= -FLAT * s->slope0) return MST_LINE_FOUND;
  const bool rose = !low_enough || (s->low > 0 && f > s->f_low + s->slack);
  if (!s->bracketed && !rose && slope < 0) {
    const double before = s->low, f_before = s->f_low, slope_before = s->slope_low;
    set_low(s, f, slope);
    if (s->step >= MST_LINE_LONGEST) return MST_LINE_UNBOUNDED;
    s->step = outside(s, before, f_before, slope_before);
  } else {
    if (rose) {
      set_high(s, s->step, f, slope);
    } else {
      if (!s->bracketed || slope * (s->high - s->low) >= 0)
        set_high(s, s->low, s->f_low, s->slope_low);
      set_low(s, f, slope);
    }
    s->step = inside(s);
  }
  const bool narrow = s->bracketed && fabs(s->high - s->low) <= 1e-14 * fmax(s->high, s->low);
  return s->tries >= MST_LINE_TRIES || narrow ? give_up(s) : MST_LINE_TRY;
}
