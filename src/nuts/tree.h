/* nuts/tree.h -- a chain as a state machine: it requests gradients and processes them.
 *
 *        +------+ finite   +--------+ step size   +------+ turned, diverged,
 *   ---> | INIT |--------->| SEARCH |------------>| DRAW | or deep enough
 *        +------+          +--------+ found       +------+------------+
 *          | ^ not finite:                          ^   |             v
 *          +-+ another start                        |   | more     (draw made:
 *                                                   +---+ leaves    caller adapts,
 *                                                   ^               stores, goes on)
 *                                                   +-----------------+
 *   mst_tree_plan     scalars -> instruction for the next step (instruction.h)
 *   mst_tree_digest   energies and products of that step -> next state; true when a draw is
 *                     complete
 *
 * The tree: multinomial NUTS (Betancourt 2017, "A conceptual introduction to Hamiltonian Monte
 * Carlo", appendix A.3) with biased progressive sampling between doublings and uniform within,
 * built iteratively: leaf n of a doubling closes one subtree for each trailing one-bit of n.
 * Every closed subtree a|b goes on only without a U-turn between (first a, last b), (first a,
 * first b) and (last a, last b): Stan's three checks, here on (q_b - q_a).p. All ranks run this
 * on the same numbers, so no message is needed.
 *
 * Or a draw by rotation (rotate_lanes.h), when the caller asks for one: one, two or three steps
 * that make a quarter turn together, then accepted or rejected as a whole (Metropolis).
 * The room neither allocates nor communicates. Not
 * collective.
 */
#ifndef MST_NUTS_TREE_H
#define MST_NUTS_TREE_H

#include "nuts/draw_stats.h"
#include "nuts/instruction.h"

#define MST_DIVERGENCE 1000.0 /* energy error, nats, beyond which a trajectory is given up */
#define MST_INIT_TRIES 100
#define MST_ROTATION_MOST 3 /* steps of a quarter turn */

typedef enum mst_chain_state {
  MST_CHAIN_INIT,   /* looks for a starting point */
  MST_CHAIN_READY,  /* has a point, waits until the caller has set the metric from gradients */
  MST_CHAIN_POINT,  /* evaluates at its point once more, for the metric */
  MST_CHAIN_SEARCH, /* looks for a first step size */
  MST_CHAIN_DRAW,   /* builds trees */
  MST_CHAIN_DONE,
  MST_CHAIN_FAILED /* no starting point */
} mst_chain_state;

typedef struct mst_tree {
  /* who, and rules */
  uint64_t seed;
  int chain, max_depth;
  double step_size; /* for the next draw; the caller adapts it */
  /* where it is */
  mst_chain_state phase;
  uint64_t epoch;    /* counts starts: address of momenta */
  uint64_t uniforms; /* uniforms used since the start */
  int tries;         /* starting points tried */
  bool fresh;        /* next step starts a draw */
  bool keeps_origin; /* of the draws that start from now on; set by the caller */
  int rotate;        /* the next draw is by so many rotations, 1 to 3; 0: a trajectory */
  bool update_estimators,
      recompute_metric; /* for the next start, set by the caller; cleared when planned */
  /* step size search */
  int search; /* +1 doubling, -1 halving, 0 not known yet */
  /* tree */
  int depth, direction, side; /* side: which end the state is at */
  int64_t leaf;               /* next leaf of the doubling, 0 .. 2^depth - 1 */
  double eps, h0, log_w, log_w_sub, accept_sum, max_error;
  int leapfrogs; /* or rotations */
  int rotating;  /* of this draw: as `rotate` */
  /* points, as buffer numbers; -1 none */
  /* where the draw under way began, if it is kept, so that it can be made again; else -1 */
  int origin;
  int prop, sub, outer, inner, first[MST_MAX_DEPTH + 1], last[MST_MAX_DEPTH + 1];
  double lp[MST_MAX_POINTS], energy[MST_MAX_POINTS];
  int checks;          /* pairs of the plan that lie inside the new subtree; the rest join it */
  mst_draw_stats draw; /* of the last draw */
} mst_tree;

/* A chain that looks for its starting point. */
void mst_tree_begin(mst_tree *t, uint64_t seed, int chain, int max_depth, double step_size);

/* From READY: evaluate once more (for a metric from gradients). */
void mst_tree_point(mst_tree *t);

/* From READY or between draws: look for a step size from t->step_size, then draw. */
void mst_tree_search(mst_tree *t);

/* From READY: draw with t->step_size. */
void mst_tree_go(mst_tree *t);

/* Fills the instruction for the next step. */
void mst_tree_plan(mst_tree *t, mst_instruction *instruction);

/* Processes the results: log density at the new point, kinetic energies, products of the
 * instruction's pairs. True when a draw is complete (t->draw, at buffer t->prop); the next plan
 * starts another. */
bool mst_tree_digest(mst_tree *t, const mst_instruction *instruction, double lp, double k0,
                     double k1, const double *product);

/* U-turn pairs that a doubling of this depth can ask for in one step. */
static inline int mst_tree_pairs(int depth) { return 3 * depth + 1; }

#endif
