/* masting/model_abi.h -- what a compiled model tells the sampler, and what it is asked for. ABI 5.
 *
 * This header (with lanes.h) is all that a model sees. The models of the gallery, models written by
 * hand in C and models generated from Stan use it alike. A model is one C file that defines one
 * `const masting_model`, named by MASTING_MODEL(). docs/models-in-c.md builds one step by step.
 *
 * None of these functions is collective: a model never communicates. It sees a block of rows and
 * adds what those rows contribute; the sampler shards, threads, sums exactly and reduces.
 *
 *   sizes    named integers (N, D, K ...), read off the shapes of the data, or from a scalar
 *            dataset of that name, or from --size NAME=VALUE; or computed by the model
 *   data     arrays over those sizes; one that has the sharded size as a dimension is cut along it
 *   params   global parameters are replicated; a parameter that has the sharded size as a
 *            dimension is row-local: it lives with its rows and never crosses the network
 *   shared   what rows read instead of the global parameters, if the model computes it from them
 *   normals  normals over many rows at once, whose covariance is spread over the ranks
 *
 * In the order of calls (only `rows` or `global` and what is declared must be there):
 *
 *   setup                       the data are there: constants from replicated data, computed sizes
 *   phase_rows, phase_end ...   made data, row by row, and sums over all rows, phase after phase
 *   begin                       all sizes have their values
 *   prepare, rows,              an evaluation: shared values and what normals are computed from,
 *   blocks of
 *   covariance, slopes, global  rows, the normals' matrices tile by tile, replicated part
 *   derive, derive_rows         a draw: what is stored besides the parameters
 *   trouble                     after any of these: must the run end?
 *
 * Log densities are in nats; a constant that depends on no parameter may be dropped (Stan's `~`).
 * Models work on the constrained scale: transforms and their log Jacobians are the sampler's.
 */
#ifndef MASTING_MODEL_ABI_H
#define MASTING_MODEL_ABI_H

#include <stddef.h>
#include <stdint.h>

#include <masting/lanes.h>

#define MASTING_ABI 5
#define MASTING_MAX_DIMS 8
#define MASTING_NO_SIZE (-1)
#define MASTING_NO_BOUND_BELOW (-INFINITY)
#define MASTING_NO_BOUND_ABOVE (INFINITY)

/* Most of each that a model may have. */
#define MASTING_MAX_SIZES 4096
#define MASTING_MAX_DATA 4096
#define MASTING_MAX_PARAMS 4096
#define MASTING_MAX_SHARED 4096
#define MASTING_MAX_DERIVED 4096 /* derived and row_derived together */
#define MASTING_MAX_NORMALS 8

/* A size that the shapes of the data determine, or the model. */
typedef struct masting_size {
  const char *name;
  int64_t fallback; /* value when neither data nor --size give it; 0: it must be given */
  const char *doc;
  int computed; /* 1: written by setup or phase_end, at least 0; never read or given */
  int zero;     /* 1: may be 0 (arrays without elements, no rows); else at least 1 is asked for */
} masting_size;

typedef enum masting_type {
  MASTING_F64, /* double */
  MASTING_F32, /* float storage; the model accepts double as well and reads block->type to tell */
  MASTING_I32  /* int32_t */
} masting_type;

/* A data variable. With the sharded size among its dims it reaches the model row by row: a row's
 * remaining elements are contiguous, in row-major order of the remaining dims. Without it, whole,
 * row-major. Scalars have ndims 0. */
typedef struct masting_data {
  const char *name;
  masting_type type;
  int ndims;
  int dims[MASTING_MAX_DIMS]; /* indices into masting_model.sizes */
  double lower, upper;        /* inclusive bounds that every element is checked against */
  int upper_size;             /* or: upper bound is this size's value; MASTING_NO_SIZE: none */
  const char *doc;
  int made; /* 1: not read; has the sharded size; the engine allocates it, phase_rows fills it.
             * Its other dims may be sizes that setup computes. Bounds are not checked. */
  /* 1: infinities are let through where the bounds have them (programs mark values to be filled in
   * or limits that do not bind by them); NaN never is */
  int infinite;
} masting_data;

typedef enum masting_transform {
  MASTING_IDENTITY,
  MASTING_LOWER,           /* lower + exp(y); log Jacobian y */
  MASTING_UPPER,           /* upper - exp(y); log Jacobian y */
  MASTING_INTERVAL,        /* lower + (upper - lower) inv_logit(y) */
  MASTING_ORDERED,         /* along the last dimension: x1 = y1, xk = x(k-1) + exp(yk) */
  MASTING_POSITIVE_ORDERED /* along the last dimension: x1 = exp(y1), xk = x(k-1) + exp(yk) */
} masting_transform;

/* A parameter. Global parameters are stored one after the other, each in the order given by
 * column_major; a row-local one is stored row by row, a row's remaining elements contiguous.
 * A row-local parameter may have any transform but an ordered one along the sharded dimension. */
typedef struct masting_param {
  const char *name;
  int ndims;
  int dims[MASTING_MAX_DIMS];
  masting_transform transform;
  double lower, upper;
  int column_major; /* 1: Stan's matrix order in global storage; 0: row-major (arrays, vectors) */
  const char *doc;
  int hidden;  /* 1: not stored with the draws; a derived quantity may have its name */
  int integer; /* derived quantities: 1: whole numbers, stored as int64 */
  /* derived quantities: 1: NaN (of whole numbers the smallest) in a draw that is rejected */
  int rejectable;
} masting_param;

/* Global parameters (with nshared > 0: shared values) that rows pick by an index from data,
 * `alpha[group[n]]`. Their gradient is gathered per block in compact form, so that a million
 * groups cost no more than those a block has. The index is 1-based in the data and checked by
 * the engine. All that a gather picks from have the same size as their first dim; the other dims
 * make a group's elements, which are consecutive (so not column-major). An array may stand in
 * several gathers; rows may not add to theta_grad for one that is gathered. */
#define MASTING_MAX_GATHER 16
typedef struct masting_gather {
  /* the index variable, MASTING_I32, one value a row; may be made */
  int data;
  int nparams;                    /* how many arrays it picks from */
  int params[MASTING_MAX_GATHER]; /* indices into masting_model.params, or shared */
} masting_gather;

/* A normal over many rows at once: the log density of residual[order] under a normal of mean 0
 * whose covariance K, order x order, is computed from `inputs`. K is spread over the ranks, one
 * chain's after the other's; the engine adds the log density, its constant included, and carries
 * the slopes back. A covariance that is not positive definite is a log density of -inf. */
typedef struct masting_normal {
  const char *name; /* in messages */
  int order;        /* index into masting_model.sizes */
  const masting_param
      *inputs; /* replicated lane arrays (name, dims and doc count), stored one after the
                                * other, each row-major */
  int ninputs;

  /* Elements K(row + i, col + j), i < rows, j < cols, of one chain to out[j * ld + i]. Those
   * with row + i < col + j are not read. inputs[elements of inputs]; data as in global. Pure,
   * and called on several threads at once; so is slopes. */
  void (*covariance)(void *state, const int64_t *size, const void *const *data,
                     const double *inputs, int64_t row, int64_t col, int rows, int cols,
                     double *out, int ld);

  /* grad[elements of inputs] += sum over those elements with row + i >= col + j of
   * weight[j * ld + i] dK(row + i, col + j) / d inputs. NULL if ninputs is 0. */
  void (*slopes)(void *state, const int64_t *size, const void *const *data, const double *inputs,
                 int64_t row, int64_t col, int rows, int cols, const double *weight, int ld,
                 double *grad);
} masting_normal;

/* Random numbers for simulators, made data and derived quantities: addressed by (seed, chain, draw,
 * row, count), so they do not depend on ranks. A stream starts where the engine says; seek starts
 * another row's. */
typedef struct masting_rng masting_rng;
typedef struct masting_rng_ops {
  double (*uniform)(masting_rng *rng);               /* (0,1) */
  double (*normal)(masting_rng *rng);                /* standard normal */
  double (*gamma)(masting_rng *rng, double shape);   /* unit scale */
  int64_t (*poisson)(masting_rng *rng, double mean); /* -1: no mean, or one beyond 2^52 */
  /* to the start of a (global) row's stream */
  void (*seek)(masting_rng *rng, int64_t row);
} masting_rng_ops;

/* Random numbers for what setup and the phases make: the same on every rank, by the seed. */
typedef struct masting_random {
  const masting_rng_ops *ops;
  masting_rng *rng;
} masting_random;

/* A block of rows: what the kernel reads and what it adds to. All vreal arrays are 64-byte
 * aligned. */
typedef struct masting_block {
  int64_t first_row; /* global number of the block's first row */
  int rows;
  const void *const *data; /* per data variable: its first row of this block, or all of it */
  /* per data variable: as stored (F64 or F32 where the model said F32) */
  const masting_type *type;
  const int64_t *size;        /* values of masting_model.sizes */
  const vreal *theta;         /* [global elements] constrained global parameters; with nshared > 0
                               * [shared elements] shared values instead */
  vreal *theta_grad;          /* of the same shape: += d lp / d theta; gathered ones go below */
  const uint16_t *const *pos; /* per gather: [rows] where the row's gradient goes in gather_grad */
  vreal *const *gather_grad;  /* per gather: [pos][elements of a group, of all its params one after
                               * the other] += d lp / d theta[param][index of row] */
  const vreal *local;         /* [rows][local elements a row] constrained row-local parameters */
  vreal *local_grad;          /* [rows][local elements a row] = d lp / d local (set, not added) */
  vreal *lp;                  /* += log density of the block's rows */
  /* scratch_bytes of this thread, 64-byte aligned, contents undefined */
  void *scratch;
  /* phases; else NULL. Every phase has streams of its own: seek(rng, first_row + n) before row n's
   * first number */
  const masting_random *at;
} masting_block;

/* What a simulator knows. */
typedef struct masting_sim {
  const int64_t *size;
  const masting_rng_ops *ops;
  masting_rng *rng;
} masting_sim;

/* A message of which the first wins, whichever thread has it. */
typedef struct masting_trouble {
  int claimed, ready;
  char text[500];
} masting_trouble;

/* A draw of which quantities are derived. */
typedef struct masting_derive {
  int chain;
  int64_t draw; /* from 0, within warm-up or after it */
  int warmup;   /* 1: a draw of warm-up */
  const masting_rng_ops *ops;
  masting_rng *rng;           /* of this draw */
  masting_trouble *rejection; /* claimed by the model: the draw is rejected, and why */
} masting_derive;

/* A block of rows of a draw. */
typedef struct masting_derive_block {
  int64_t first_row; /* global number of the block's first row */
  int rows;
  const void *const *data; /* these five as in masting_block */
  const masting_type *type;
  const int64_t *size;
  void *scratch;
  const masting_derive *at; /* rng: seek(rng, first_row + n) before row n's first number */
  const double *theta;      /* [global elements] constrained global parameters */
  const double *derived;    /* [derived elements] what derive wrote for this draw */
  const double *local;      /* [rows][local elements a row] constrained row-local parameters */
  double *out;              /* [rows][row-derived elements a row], one quantity after the other */
} masting_derive_block;

/* How a phase's values are combined over blocks. */
typedef enum masting_op { MASTING_SUM, MASTING_MIN, MASTING_MAX } masting_op;

typedef struct masting_model {
  int abi;   /* MASTING_ABI */
  int lanes; /* MASTING_LANES of this object */
  const char *name;
  const char *doc; /* one line, shown by `masting sample --list` */
  const masting_size *sizes;
  int nsizes;
  int shard; /* the size that is cut over the ranks; MASTING_NO_SIZE: nothing to shard */
  const masting_data *data;
  int ndata;
  const masting_param *params;
  int nparams;
  const masting_gather *gathers;
  int ngathers;

  /* Shared values: replicated lane arrays (name, dims and doc count), stored one after the other,
   * each row-major. With nshared > 0 rows read them in place of the global parameters. */
  const masting_param *shared;
  int nshared;

  /* Normals over many rows, whose log densities the engine adds. */
  const masting_normal *normals;
  int nnormals;

  /* Bytes of scratch a thread needs for a block of `rows` rows; NULL: none. After begin. */
  size_t (*scratch_bytes)(const int64_t *size, int rows);

  /* Once, on every rank alike, when the data have been read: prepares constants from replicated
   * data (sharded entries are NULL) and writes computed sizes. *state is given to the other
   * functions. `at` has a stream of random numbers, the same on every rank. NULL: none needed.
   * Returns NULL, or a message that says what is wrong with the data (static, or inside *state,
   * which is then torn down). */
  const char *(*setup)(const masting_random *at, int64_t *size, const void *const *replicated_data,
                       void **state);
  void (*teardown)(void *state);

  /* Data made from rows, in nphases phases. phase_rows is called for every block of this rank,
   * on several threads at once: it may write the block's made rows and adds to (or takes the
   * minimum or maximum with) `values`, which start at 0 (inf, -inf). The block has rows and
   * data; theta, scratch and the like are NULL. Values are then combined over all blocks, sums
   * exactly, and phase_end sees them on every rank alike; it may write computed sizes that no
   * made variable has. `at` and messages as for setup. */
  int nphases;
  int64_t (*phase_values)(const void *state, const int64_t *size, int phase);
  masting_op (*phase_op)(const void *state, int phase);
  void (*phase_rows)(void *state, int phase, const masting_block *block, double *values);
  const char *(*phase_end)(void *state, const masting_random *at, int phase, int64_t *size,
                           const double *values);

  /* Once, after setup and phases. Slots 0 .. slots-1 are what prepare and global will name. May be
   * NULL. Messages as for setup. */
  const char *(*begin)(void *state, const int64_t *size, int slots);

  /* Shared values [shared elements], and for each normal residual[order] and then its inputs,
   * one normal after the other, from the constrained globals, on one thread of every rank alike.
   * What it keeps for `slot` stays until global has been called with that slot, or until the
   * next prepare with it: not every prepare is followed by a global. Needed if nshared > 0 or
   * nnormals > 0; `shared` or `normal` is NULL where there are none. */
  void (*prepare)(void *state, int slot, const int64_t *size, const void *const *replicated_data,
                  const vreal *theta, vreal *shared, vreal *normal);

  /* Adds what a block of rows contributes, on several threads at once. Must be pure: same input,
   * same bits; `state` may be written to leave trouble alone. NULL: no rows. */
  void (*rows)(void *state, const masting_block *block);

  /* Adds what is not summed over rows (priors): *lp += and grad[global elements] +=. May be
   * NULL. shared_grad[shared elements]: sums over all rows of d lp / d shared, which it carries
   * back to theta, after prepare at the same theta with the same slot; NULL without shared
   * values. normal_grad: the normals' d lp / d what prepare wrote to `normal`, to be carried
   * back likewise; NULL without normals. Reads replicated data from `data` (sharded entries are
   * NULL). */
  void (*global)(void *state, int slot, const int64_t *size, const void *const *data,
                 const vreal *theta, const vreal *shared_grad, const vreal *normal_grad,
                 vreal *grad, vreal *lp);

  /* NULL: all is well. Else why the run must end (an index out of range, say), as any function
   * above or below left it; static or in state. Looked at after each evaluation; the run then
   * ends on all ranks with this message. Not for log densities of zero: those are -inf, and a
   * divergence. */
  const char *(*trouble)(const void *state);

  /* Simulation, scalars: constrained global parameters in storage order (draw them from the
   * prior or at a typical value), replicated data, then a row's local parameters and a row's
   * data. Any may be NULL where there is nothing to make. The data are written as the type
   * declared. sim_row runs on several threads at once: it writes to local and row_data alone. */
  void (*sim_global)(const masting_sim *sim, double *theta);
  void (*sim_data)(const masting_sim *sim, const double *theta, void *const *replicated_data);
  void (*sim_row)(const masting_sim *sim, const double *theta, const void *const *replicated_data,
                  int64_t row, double *local, void *const *row_data);

  /* Quantities stored with each draw besides the parameters: functions of the constrained
   * globals and random numbers (name, dims, doc and integer count). NULL: none. Elements are
   * written to `out` one quantity after the other, each row-major. Outside the sampling; on one
   * rank or all, alike. */
  const masting_param *derived;
  int nderived;
  void (*derive)(void *state, const int64_t *size, const void *const *replicated_data,
                 const double *theta, const masting_derive *at, double *out);

  /* The same for quantities that have the sharded size among their dims: they are stored as
   * row-local parameters are. Must be pure, as rows is. */
  const masting_param *row_derived;
  int nrow_derived;
  void (*derive_rows)(void *state, const masting_derive_block *block);
  int rows_may_reject; /* 1: derive_rows may claim the rejection: ranks then tell each other */
} masting_model;

#define MASTING_PASTE2_(a, b) a##b
#define MASTING_PASTE_(a, b) MASTING_PASTE2_(a, b)
/* The symbol that a model.so exports: masting_model_w8 when compiled for 8 lanes. */
#define MASTING_MODEL_SYMBOL MASTING_PASTE_(masting_model_w, MASTING_LANES)
#ifdef MASTING_GALLERY_ISA /* built into the program: static, listed by the gallery */
#define MASTING_MODEL(name) static const masting_model name##_model
#else
#define MASTING_MODEL(name)                                                                        \
  __attribute__((visibility("default"))) extern const masting_model MASTING_MODEL_SYMBOL;          \
  const masting_model MASTING_MODEL_SYMBOL
#endif

#endif
