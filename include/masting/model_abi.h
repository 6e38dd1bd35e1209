/* masting/model_abi.h -- what a compiled model tells the sampler, and what it is asked for.
 *
 * This header (with lanes.h) is all that a model sees. The models of the gallery, models written by
 * hand in C and models generated from Stan use it alike. A model is one C file that defines one
 * `const masting_model`, named by MASTING_MODEL(). docs/models-in-c.md builds one step by step.
 *
 * None of these functions is collective: a model never communicates. It sees a block of rows and
 * adds what those rows contribute; the sampler shards, threads, sums exactly and reduces.
 *
 *   sizes    named integers (N, D, K ...), read off the shapes of the data, or from a scalar
 *            dataset of that name, or from --size NAME=VALUE
 *   data     arrays over those sizes; one that has the sharded size as a dimension is cut along it
 *   params   global parameters are replicated; a parameter that has the sharded size as a
 *            dimension is row-local: it lives with its rows and never crosses the network
 *
 * Log densities are in nats; a constant that depends on no parameter may be dropped (Stan's `~`).
 * Models work on the constrained scale: transforms and their log Jacobians are the sampler's.
 */
#ifndef MASTING_MODEL_ABI_H
#define MASTING_MODEL_ABI_H

#include <stddef.h>
#include <stdint.h>

#include <masting/lanes.h>

#define MASTING_ABI 1
#define MASTING_MAX_DIMS 4
#define MASTING_NO_SIZE (-1)
#define MASTING_NO_BOUND_BELOW (-INFINITY)
#define MASTING_NO_BOUND_ABOVE (INFINITY)

/* A size that the shapes of the data determine. */
typedef struct masting_size {
  const char *name;
  int64_t fallback; /* value when neither data nor --size give it; 0: it must be given */
  const char *doc;
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
} masting_param;

/* Global parameters that rows pick by an index from data, `alpha[group[n]]`. Their gradient is
 * gathered per block in compact form, so that a million groups cost no more than those a block has.
 * The index is 1-based in the data. Every named parameter has the indexed size as its only dim. */
#define MASTING_MAX_GATHER 4
typedef struct masting_gather {
  int data;                       /* the index variable, MASTING_I32, one value a row */
  int nparams;                    /* how many parameters it picks from */
  int params[MASTING_MAX_GATHER]; /* indices into masting_model.params */
} masting_gather;

/* A block of rows: what the kernel reads and what it adds to. All vreal arrays are 64-byte aligned. */
typedef struct masting_block {
  int64_t first_row; /* global number of the block's first row */
  int rows;
  const void *const *data;    /* per data variable: its first row of this block, or all of it */
  const masting_type *type;   /* per data variable: as stored (F64 or F32 where the model said F32) */
  const int64_t *size;        /* values of masting_model.sizes */
  const vreal *theta;         /* [global elements] constrained global parameters */
  vreal *theta_grad;          /* [global elements] += d lp / d theta; gathered ones go below */
  const uint16_t *const *pos; /* per gather: [rows] where the row's gradient goes in gather_grad */
  vreal *const *gather_grad;  /* per gather: [pos][nparams] += d lp / d theta[param][index of row] */
  const vreal *local;         /* [rows][local elements a row] constrained row-local parameters */
  vreal *local_grad;          /* [rows][local elements a row] = d lp / d local (set, not added) */
  vreal *lp;                  /* += log density of the block's rows */
  void *scratch;              /* scratch_bytes of this thread, 64-byte aligned, contents undefined */
} masting_block;

/* Random numbers for simulators: addressed by (seed, row, count), so they do not depend on ranks. */
typedef struct masting_rng masting_rng;
typedef struct masting_rng_ops {
  double (*uniform)(masting_rng *rng);                  /* (0,1) */
  double (*normal)(masting_rng *rng);                   /* standard normal */
  double (*gamma)(masting_rng *rng, double shape);      /* unit scale */
  int64_t (*poisson)(masting_rng *rng, double mean);
} masting_rng_ops;

/* What a simulator knows. */
typedef struct masting_sim {
  const int64_t *size;
  const masting_rng_ops *ops;
  masting_rng *rng;
} masting_sim;

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

  /* Bytes of scratch a thread needs for a block of `rows` rows; NULL: none. */
  size_t (*scratch_bytes)(const int64_t *size, int rows);

  /* Once, after the data are there (not called for each rank's rows): prepare constants from
   * replicated data. *state is given to the other functions. NULL: none needed.
   * Returns NULL, or a message that says what is wrong (static, or inside *state). */
  const char *(*setup)(const int64_t *size, const void *const *replicated_data, void **state);
  void (*teardown)(void *state);

  /* Adds what a block of rows contributes. Must be pure: same input, same bits. NULL: no rows. */
  void (*rows)(const void *state, const masting_block *block);

  /* Adds what is not summed over rows (priors): *lp += and grad[global elements] +=. May be NULL.
   * Reads replicated data from `data` (sharded entries are NULL). */
  void (*global)(const void *state, const int64_t *size, const void *const *data,
                 const vreal *theta, vreal *grad, vreal *lp);

  /* Simulation, scalars: constrained global parameters in storage order (draw them from the prior or
   * at a typical value), replicated data, then a row's local parameters and a row's data. Any may be
   * NULL where there is nothing to make. The data are written as the type declared. sim_row runs on
   * several threads at once: it writes to local and row_data alone. */
  void (*sim_global)(const masting_sim *sim, double *theta);
  void (*sim_data)(const masting_sim *sim, const double *theta, void *const *replicated_data);
  void (*sim_row)(const masting_sim *sim, const double *theta, const void *const *replicated_data,
                  int64_t row, double *local, void *const *row_data);

  /* Quantities stored with each draw besides the parameters: functions of the constrained globals
   * (name, dims and doc count; the rest of masting_param is not used). NULL: none. Elements are written to
   * `out` one quantity after the other, each row-major. Called by one rank, outside the sampling. */
  const masting_param *derived;
  int nderived;
  void (*derive)(const void *state, const int64_t *size, const void *const *replicated_data,
                 const double *theta, double *out);
} masting_model;

#define MASTING_PASTE2_(a, b) a##b
#define MASTING_PASTE_(a, b) MASTING_PASTE2_(a, b)
/* The symbol that a model.so exports: masting_model_w8 when compiled for 8 lanes. */
#define MASTING_MODEL_SYMBOL MASTING_PASTE_(masting_model_w, MASTING_LANES)
#ifdef MASTING_GALLERY_ISA /* built into the program: static, listed by the gallery */
#define MASTING_MODEL(name) static const masting_model name##_model
#else
#define MASTING_MODEL(name)                                                                        \
  __attribute__((visibility("default"))) extern const masting_model MASTING_MODEL_SYMBOL;         \
  const masting_model MASTING_MODEL_SYMBOL
#endif

#endif
