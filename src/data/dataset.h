/* data/dataset.h -- reads the data a model declares; each rank reads its own rows of an HDF5 file,
 * or receives them from rank 0, which alone reads text (JSON, CSV).
 *
 * Names, types, shapes and bounds come from the model's ABI; sizes from the shapes in the file,
 * from scalar datasets of that name, or from overrides; the user never repeats a size that the file
 * has.
 */
#ifndef MST_DATA_DATASET_H
#define MST_DATA_DATASET_H

#include "model/model.h"
#include "par/comm.h"
#include "par/shard.h"

typedef struct mst_size_value { /* --size NAME=VALUE, or --data NAME=VALUE */
  const char *name;
  int64_t value; /* when it is whole */
  double real;   /* of --data, whole or not */
  bool data;     /* by --data: a size, or any scalar that the model reads */
  bool whole;    /* of --data */
} mst_size_value;

typedef struct mst_dataset {
  int64_t size[MST_MAX_SIZES];     /* values of the model's sizes; 0: computed, not known here */
  mst_shard shard;                 /* of the model's sharded size; n = 0 without one */
  void *var[MST_MAX_DATA];         /* sharded: [my rows][rest]; replicated: whole, row-major;
                                    * NULL: made by the model later */
  masting_type type[MST_MAX_DATA]; /* as stored in memory */
  int sharded[MST_MAX_DATA];       /* 1: has the sharded size among its dims */
  int64_t row_bytes[MST_MAX_DATA]; /* sharded: bytes from a row to the next; else 0 */
  int64_t bytes;                   /* of this rank, all variables */
  uint64_t hash; /* of names, sizes and contents: the same for any number of ranks */
  uint64_t seed; /* of the random numbers in data that the model makes of these */
} mst_dataset;

typedef struct mst_read_options {
  const mst_size_value *sizes; /* they win over scalars of that name in the file */
  int nsizes;
  uint64_t seed; /* goes into the data set */
  int float32;   /* keep MASTING_F32 variables in float even when the file has double */
} mst_read_options;

/* Collective. Reads everything `model` declares from the file `path` (NULL: a model without data,
 * sizes from options alone). Errors are agreed: all ranks return the same status and message,
 * which names file, variable and the first bad row. Free with mst_dataset_free, also on failure. */
masting_status mst_dataset_read(mst_dataset *data, const mst_comm *comm, const masting_model *model,
                                const char *path, const mst_read_options *options, mst_error *err);
void mst_dataset_free(mst_dataset *data);

/* Collective. Draws a data set of the given sizes from the model's simulator and writes it to
 * `path` (beside it first, then renamed): the same bytes for any number of ranks. Every rank makes
 * and writes its own rows. The true parameters go to group /truth. force: overwrite. */
masting_status mst_simulate(const mst_comm *comm, const masting_model *model, const char *path,
                            const mst_read_options *options, uint64_t seed, int force,
                            mst_error *err);

#endif
