/* optim/span.h -- vector operations of a step for a batch of starts, over a range of
 * elements: the globals, or this rank's row-local ones. Compiled per lane width and SIMD level.
 *
 * All arrays are [elements][lanes]. Sums are formed in one fixed order. Neither allocates nor
 * communicates.
 */
#ifndef MST_OPTIM_SPAN_H
#define MST_OPTIM_SPAN_H

#include <stdint.h>

#include "base/isa.h"
#include "optim/approx.h"

#define MST_MOST_LANES 16

typedef struct mst_span_state {
  int64_t elements;
  int history;       /* slots */
  double *x, *g, *p; /* present point, gradient of f = -log density, direction */
  double *alpha;     /* diagonal of the inverse Hessian */
  double *s[MST_MAX_HISTORY], *y[MST_MAX_HISTORY];
  /* of paths, else NULL: noise of a draw, and the best Gaussian's point, gradient, diagonal and
     pairs */
  double *u, *best_x, *best_g, *best_alpha, *best_s[MST_MAX_HISTORY], *best_y[MST_MAX_HISTORY];
} mst_span_state;

/* Instructions of a batch's lanes (ascent.h) as lane vectors. Masks: all bits set or none. */
typedef struct mst_move {
  _Alignas(64) int64_t accept[MST_MOST_LANES];
  _Alignas(64) int64_t redirect[MST_MOST_LANES];
  _Alignas(64) int64_t into[MST_MAX_HISTORY][MST_MOST_LANES];
  _Alignas(64) double g_part[MST_MOST_LANES], x_part[MST_MOST_LANES], step[MST_MOST_LANES];
  _Alignas(64) double s_part[MST_MAX_HISTORY][MST_MOST_LANES];
  _Alignas(64) double y_part[MST_MAX_HISTORY][MST_MOST_LANES];
  _Alignas(64) double a1[MST_MOST_LANES], a2[MST_MOST_LANES], a3[MST_MOST_LANES]; /* for alpha */
  _Alignas(64) int64_t draw[MST_MOST_LANES], want_dots[MST_MOST_LANES], want_approx[MST_MOST_LANES];
  _Alignas(64) double draw_s[MST_MAX_HISTORY][MST_MOST_LANES];
  _Alignas(64) double draw_y[MST_MAX_HISTORY][MST_MOST_LANES];
  /* want_dots, want_approx: lanes whose products mst_dots, mst_approx_dots are to be computed */
  bool any_draw, any_approx;
  bool any_accept, any_redirect, any_into[MST_MAX_HISTORY];
} mst_move;

typedef struct mst_span_hot {
  /* Elements [at, at + n): trial points and their gradients of the log density are taken over
   * where a lane accepts; both arrays begin at element 0. */
  void (*take)(const mst_span_state *s, const mst_move *m, int64_t at, int64_t n,
               const double *trial, const double *grad);
  /* Directions and the next trial points. */
  void (*aim)(const mst_span_state *s, const mst_move *m, int64_t at, int64_t n, double *trial);
  /* Adds the products of the range to dot[mst_dots(history)][lanes]. */
  void (*dots)(const mst_span_state *s, const mst_move *m, int64_t at, int64_t n,
               const double *trial, const double *grad, double *dot);
  /* The same for dot[mst_approx_dots(history)][lanes]. */
  void (*approx)(const mst_span_state *s, const mst_move *m, int64_t at, int64_t n, double *dot);
} mst_span_hot;

/* lanes: 1, 2, 4, 8 or 16. */
const mst_span_hot *mst_span_hot_at(mst_isa isa, int lanes);

#endif
