/* nuts/instruction.h -- instruction record: what the next pass does for one chain.
 *
 * The tree (tree.h) is a state machine that works on scalars only. For each step it fills an
 * mst_instruction per chain; the pass (pass.h) carries out the instructions of all chains in one
 * sweep, whatever state each chain is in, and returns energies and U-turn products. Accepting a
 * point copies nothing: each leaf is written once into a free buffer of the chain's pool, and the
 * tree keeps, swaps and releases buffer numbers.
 */
#ifndef MST_NUTS_INSTRUCTION_H
#define MST_NUTS_INSTRUCTION_H

#include <stdbool.h>
#include <stdint.h>

#define MST_MAX_DEPTH 15
#define MST_MAX_PAIRS (3 * MST_MAX_DEPTH + 1)
#define MST_MAX_POINTS 40 /* buffers of a chain: 2 a level, and the tree's own six */

typedef enum mst_start {
  MST_START_NONE,
  MST_START_DRAW, /* from point `origin` with fresh momenta */
  MST_START_INIT, /* evaluate at a random starting point (momentum 0, eps 0) */
  MST_START_POINT /* evaluate at point `origin` (momentum 0, eps 0) */
} mst_start;

typedef struct mst_instruction {
  bool active;            /* false: the lane is idle, its numbers are ignored */
  bool flip;              /* continue from the other end of the tree */
  bool update_estimators; /* the draw at origin enters the metric's estimators */
  bool recompute_metric;  /* no-pool: recompute this chain's metric before the momenta */
  bool rotates;           /* a rotation about the reference Gaussian (rotate_lanes.h) */
  mst_start start;
  int origin, leaf; /* buffers: where the draw starts, where the new point goes */
  int chain;
  double eps;          /* signed step size; 0 where the chain rotates */
  double cosine, sine; /* of the angle of a rotation */
  uint64_t epoch;      /* address of the momenta or of the starting point */
  int npairs;          /* U-turn products to compute: pairs of buffers, earlier-built point first */
  uint8_t a[MST_MAX_PAIRS], b[MST_MAX_PAIRS];
} mst_instruction;

/* The extras of a step: kinetic energy at the start, at the new point, then for each pair
 * (q_b - q_a).p_a and (q_b - q_a).p_b. */
enum { MST_EXTRA_K0, MST_EXTRA_K1, MST_EXTRA_PAIRS };

#endif
