/* model/model.h -- a model bound to its sizes: offsets, element counts, Stan's order, names.
 *
 * A `masting_model` (the ABI) says what there is in terms of sizes; an mst_layout says where
 * each element is once the sizes have values. Global elements are numbered 0..P-1 in storage
 * order; a row has L row-local elements. Not collective.
 */
#ifndef MST_MODEL_MODEL_H
#define MST_MODEL_MODEL_H

#include <masting/model_abi.h>
#include <stdbool.h>

#include "base/error.h"

#define MST_MAX_SIZES MASTING_MAX_SIZES
#define MST_MAX_DATA MASTING_MAX_DATA
#define MST_MAX_PARAMS MASTING_MAX_PARAMS
#define MST_MAX_OUTPUTS (MASTING_MAX_PARAMS + MASTING_MAX_DERIVED) /* what a draws file may hold */

typedef struct mst_param_layout {
  bool local;
  int64_t offset;   /* first element: of the globals, or within a row's local elements */
  int64_t elements; /* global: all; local: of one row */
  int shard_dim;    /* local: which dim is the sharded one; else -1 */
  int64_t dims[MASTING_MAX_DIMS]; /* values; the sharded one is N */
  int64_t before, after;          /* local: products of the dims before and after the sharded one */
} mst_param_layout;

/* A normal's place in what prepare writes: the residual, then the inputs. */
typedef struct mst_normal_layout {
  int64_t offset, order, inputs;
} mst_normal_layout;

typedef struct mst_layout {
  const masting_model *model;
  int64_t size[MST_MAX_SIZES];
  int64_t n;             /* value of the sharded size, 0 without one */
  int64_t globals;       /* P */
  int64_t locals;        /* L, elements a row */
  bool local_transforms; /* any row-local parameter with a transform */
  int64_t shared;        /* elements of the shared values, 0 without any */
  /* elements that rows read and whose gradient is reduced: shared values or globals */
  int64_t reduced;
  int64_t normals;     /* residuals and inputs of all normals, 0 without any */
  int64_t derived;     /* elements of the derived quantities, stored after the globals of a draw */
  int64_t row_derived; /* elements a row of the row-derived quantities, numbered from 0 */
  /* elements a row that may be stored: row-derived, and row-local if not hidden */
  int64_t stored;
  int outputs;                             /* parameters and derived quantities of both kinds */
  mst_param_layout param[MST_MAX_OUTPUTS]; /* parameters, derived and row-derived quantities */
  mst_param_layout share[MASTING_MAX_SHARED];
  mst_normal_layout normal[MASTING_MAX_NORMALS];
} mst_layout;

/* What may stand in a draws file: parameter i, or one of the derived quantities after them. */
static inline const masting_param *mst_layout_output(const mst_layout *l, int i) {
  const masting_model *m = l->model;
  if (i < m->nparams) return &m->params[i];
  i -= m->nparams;
  return i < m->nderived ? &m->derived[i] : &m->row_derived[i - m->nderived];
}

/* What a row-local output is part of in memory, [rows][this many]: row-local parameters or
 * row-derived quantities. */
static inline int64_t mst_layout_row_width(const mst_layout *l, int output) {
  return output < l->model->nparams ? l->locals : l->row_derived;
}

static inline bool mst_size_may_be_zero(const masting_size *s) { return s->computed || s->zero; }

/* Does the model keep to the ABI? Sizes are not looked at. */
masting_status mst_model_check(const masting_model *model, mst_error *err);

/* Fills *layout from sizes (values in the order of model->sizes). Refuses a model that breaks
 * the ABI. */
masting_status mst_layout_make(mst_layout *layout, const masting_model *model, const int64_t *size,
                               mst_error *err);

/* Elements of the whole unconstrained vector, P + N L. */
int64_t mst_layout_elements(const mst_layout *layout);

/* Where element `i` of Stan's order (parameters as declared, each column-major if a matrix, local
 * ones included) is: returns true and the row and element when it is row-local, false and the
 * global element otherwise. */
bool mst_layout_from_stan(const mst_layout *layout, int64_t i, int64_t *row, int64_t *element);

/* Storage element, counted from the parameter's own offset, of a global parameter for row-major
 * index r (0 .. elements-1) of its shape: the identity unless the parameter is stored
 * column-major. */
int64_t mst_layout_from_row_major(const mst_layout *layout, int param, int64_t r);

/* Names of single elements, "z[17,1]", cut to `size` bytes: of element `i` of Stan's order, of the
 * global parameter at storage element `i`, and of the row-local one at `element` of a row (of all
 * ranks', counted from 0). */
#define MST_ELEMENT_NAME 160
void mst_element_name(const mst_layout *layout, int64_t i, char *name, size_t size);
void mst_global_name(const mst_layout *layout, int64_t i, char *name, size_t size);
void mst_local_name(const mst_layout *layout, int64_t row, int64_t element, char *name,
                    size_t size);

/* A model's kernels for one lane width. */
typedef struct mst_model_set {
  const char *name;
  const masting_model *width[5]; /* for 1, 2, 4, 8, 16 lanes; NULL: not there */
  const char *isa;               /* what the built-in kernels were compiled for; "file" for a .so */
  void *handle;                  /* of dlopen */
  /* of what a file's model was made from: a Stan program's C text and how it is compiled, or the
   * bytes of a shared object; 0: of the gallery, or not known */
  uint64_t hash;
} mst_model_set;

/* Opens a model by the name of the gallery or by the path of a .so. Not collective; errors name
 * the nearest gallery name. isa: the level of base/isa.h that all ranks run at. Close with
 * mst_model_close. */
masting_status mst_model_open(mst_model_set *set, const char *name_or_path, int isa,
                              mst_error *err);
void mst_model_close(mst_model_set *set);

/* The gallery, for lists: i-th model at 1 lane of the baseline, NULL past the end. */
const masting_model *mst_gallery_at(int i);

#endif
