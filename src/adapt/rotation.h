/* adapt/rotation.h -- whether chains draw by rotation (nuts/rotate_lanes.h), and in how many steps.
 *
 * Once the metric is final its Gaussian is known. From then on every warm-up draw of a chain is
 * followed by three trials: a quarter turn in one, two and three steps. They are draws beside
 * those that warm-up counts and learns from. When a chain ends its warm-up it takes what promises
 * most effective draws for a gradient, judged by the draws of all chains since then. Of each kind
 * of draw the mean squared jump of every global parameter is known: with J of them over twice the
 * variance the autocorrelation from a draw to the next is 1 - J, and a draw is worth
 * J / (2 - J) of an independent one, at most 1 (tails follow no antithetic jump); the slowest
 * parameter counts. Of a rotation no more than a^2 / (2 - a) is believed, with the acceptance a
 * (measured on regressions). Every MST_ROTATION_MIX-th draw remains a trajectory, so that tails and
 * second modes, which a rotation about one Gaussian may refuse for long, are still explored: any
 * mixture of kernels that keep the posterior keeps it. Decisions follow from counts and reduced
 * numbers, the same on every rank. Not collective.
 */
#ifndef MST_ADAPT_ROTATION_H
#define MST_ADAPT_ROTATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "nuts/tree.h"

#define MST_ROTATION_MIX 16
#define MST_ROTATION_TRIALS 6 /* rounds of them that a chain makes at least */

typedef enum mst_sampler_choice {
  MST_SAMPLER_NUTS,
  MST_SAMPLER_ROTATION, /* in the best number of steps, even where NUTS promises more */
  MST_SAMPLER_AUTO
} mst_sampler_choice;

typedef struct mst_rotation_kind { /* of draws: trajectories, or so many steps */
  int64_t draws, gradients;
  double acceptance; /* sum */
  double *jump;      /* [globals] sum of squared jumps; NULL: only the acceptance is known */
} mst_rotation_kind;

typedef struct mst_rotation {
  mst_sampler_choice choice;
  bool ready;     /* the reference Gaussian is known */
  int start_cost; /* gradients' worth of work where a draw starts: 1 with row-local parameters */
  int chains;
  int64_t globals;
  int *steps;      /* [chains] that the chain has chosen; 0: trajectories */
  int *made;       /* [chains] draws since it is ready, trials among them */
  int64_t samples; /* of all chains, less one a chain */
  /* [chains][globals] where the chain was, and the mean of these draws; deviations from it, of all
   * chains [globals]: chains in mirrored modes do not look slow */
  double *last, *mean, *m2;
  mst_rotation_kind kind[MST_ROTATION_MOST + 1];
  mst_rotation_kind after; /* draws by rotation after warm-up */
} mst_rotation;

/* Owns its memory: end frees it, also after a failure (MASTING_ERR_MEMORY). */
masting_status mst_rotation_begin(mst_rotation *r, mst_sampler_choice choice, int64_t globals,
                                  bool locals, int chains, mst_error *err);
void mst_rotation_end(mst_rotation *r);

/* Of the draw that chain c starts next: rotation steps, 0 for a trajectory. warm: its warm-up is
 * over; draw: index of the draw after warm-up. */
int mst_rotation_next(const mst_rotation *r, int c, bool warm, int draw);

/* Chain c has made a draw during warm-up and is now at q [globals]. */
void mst_rotation_warmup_draw(mst_rotation *r, int c, const mst_tree *t, const double *q);

/* A chain has made a draw after warm-up. */
void mst_rotation_draw(mst_rotation *r, const mst_tree *t);

/* Chain c ends its warm-up: chooses. */
void mst_rotation_choose(mst_rotation *r, int c);

/* What a draw of that kind is worth, of an independent one; NaN: not known. */
double mst_rotation_worth(const mst_rotation *r, int steps);

/* Mean acceptance; NaN: no draw. */
double mst_rotation_acceptance(const mst_rotation_kind *kind);

#endif
