/* optim/ascent.h -- the ascent of the log density from one start to a mode, as a state machine: it
 * requests evaluations and processes their scalar products.
 *
 *        +------+ finite   +--------+ converged   +-------+            +------+
 *   ---> | INIT |--------->| SEARCH |------------>| PROBE |----------->| DONE |
 *        +------+          +--------+ or stuck    +-------+            +------+
 *          | ^ not finite:   | ^ a step is taken,   one or two looks far ahead: does the
 *          +-+ another start +-+ another direction  density still increase there?
 *
 *   mst_ascent_plan     scalars -> instruction for the next step (what to accept, where to
 *                       evaluate)
 *   mst_ascent_digest   log density and products there -> next state
 *
 * L-BFGS (history.h) with a line search (line_search.h); it stops as Stan's does. Minimises
 * f = -log density. All ranks run this on the same numbers. Not collective.
 */
#ifndef MST_OPTIM_ASCENT_H
#define MST_OPTIM_ASCENT_H

#include <stdint.h>

#include "optim/approx.h"
#include "optim/line_search.h"

#define MST_ASCENT_STARTS 100 /* starting points tried */

typedef struct mst_ascent_options {
  uint64_t seed;
  double init_radius; /* starting points uniform in (-radius, radius), the sampler's own */
  int history;        /* 1 .. MST_MAX_HISTORY */
  int max_iterations;
  bool probe; /* test whether the mode is at infinity */
  /* Stan's; relative ones in units of epsilon */
  double tol_obj, tol_rel_obj, tol_grad, tol_rel_grad, tol_param;
  bool integrated; /* of the globals alone, row-local parameters integrated out (marginal.h) */
} mst_ascent_options;

/* Stan's: 5 pairs, 2000 iterations, 1e-12, 1e4, 1e-8, 1e7, 1e-8. */
void mst_ascent_defaults(mst_ascent_options *options);

typedef enum mst_ascent_state {
  MST_ASCENT_INIT,
  MST_ASCENT_SEARCH,
  MST_ASCENT_PROBE,
  MST_ASCENT_DONE
} mst_ascent_state;

typedef enum mst_ascent_end {
  MST_END_NONE,
  MST_END_OBJ, /* log density changed by less than tol_obj */
  MST_END_REL_OBJ,
  MST_END_GRAD,
  MST_END_REL_GRAD,
  MST_END_PARAM,
  MST_END_ITERATIONS,
  MST_END_LINE,      /* no step along the gradient raises the density */
  MST_END_INFINITY,  /* converged, but the density still rises far ahead */
  MST_END_UNBOUNDED, /* the density rose as far as the line search went */
  MST_END_NO_START
} mst_ascent_end;

/* "the gradient is small" and the like. */
const char *mst_ascent_end_text(mst_ascent_end end);

/* Did the ascent meet one of the convergence criteria? */
static inline bool mst_ascent_converged(mst_ascent_end end) {
  return end >= MST_END_OBJ && end <= MST_END_PARAM;
}

/* Instruction record: what the next step does with a start's vectors, in this order. */
typedef struct mst_ascent_instruction {
  bool init;           /* a new random starting point, by epoch */
  bool accept;         /* trial point and gradient become the present ones */
  int slot;            /* ... and their change a pair of this slot; -1: none */
  double yay, pap, ys; /* ... for alpha: y.alpha y, s.s/alpha, y.s */
  bool redirect;       /* the direction becomes d, plus x_part x */
  mst_direction d;
  double x_part;
  double step; /* evaluate at x + step p; 0: at x */
  uint64_t epoch;
  /* of a path (path.h) */
  bool keep, restore; /* store the present point and its pairs as the best; restore the best */
  /* evaluate at the Gaussian's draw that parts and u make, in place of x + step p */
  bool draw;
  mst_approx_draw parts;
  uint64_t noise; /* after that: address of a new u, whose products are wanted; 0: none */
} mst_ascent_instruction;

typedef struct mst_ascent {
  const mst_ascent_options *options;
  mst_ascent_state state;
  mst_ascent_end end;
  uint64_t epoch;
  int tries, iterations, evaluations;
  double f, norm_x, norm_g, norm_s; /* at the present point; norm_s: length of the last step */
  double f_start;
  mst_history history;
  mst_line_search line;
  mst_ascent_instruction next; /* the instruction that the next plan returns */
  double slope;                /* p.g of the present direction */
  int probes;
  double reach; /* step of the probe */
} mst_ascent;

void mst_ascent_begin(mst_ascent *c, const mst_ascent_options *options);

/* Fills the instruction for the next step; an ascent that is done evaluates its point again. */
void mst_ascent_plan(mst_ascent *c, mst_ascent_instruction *instruction);

/* Log density and products (history.h) at the point that was evaluated. True when a step was
 * taken. */
bool mst_ascent_digest(mst_ascent *c, double lp, const double *dot);

#endif
