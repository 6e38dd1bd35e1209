/* model/layout.c -- see model.h: a model's shapes turned into offsets. */
#include "model/model.h"

#include <string.h>

static masting_status check_sizes(const masting_model *m, const int64_t *size, mst_error *err) {
  for (int i = 0; i < m->nsizes; i++) {
    const masting_size *s = &m->sizes[i];
    if (size[i] >= !mst_size_may_be_zero(s)) continue;
    if (s->computed)
      return mst_fail(err, MASTING_ERR_DATA,
                      "size %s, which the model computes: expected at least 0, got %lld", s->name,
                      (long long)size[i]);
    return mst_fail(err, MASTING_ERR_DATA,
                    "size %s: too small; expected at least %d, got %lld; try --size %s=VALUE or "
                    "other data",
                    s->name, !s->zero, (long long)size[i], s->name);
  }
  return MASTING_OK;
}

/* Fills in what follows from p's shape; a product that is too large to count is refused. */
static masting_status shape(const mst_layout *l, const masting_param *p, mst_param_layout *q,
                            mst_error *err) {
  *q = (mst_param_layout){.before = 1, .after = 1, .elements = 1, .shard_dim = -1};
  for (int d = 0; d < p->ndims; d++)
    if (l->model->shard != MASTING_NO_SIZE && p->dims[d] == l->model->shard) q->shard_dim = d;
  q->local = q->shard_dim >= 0;
  for (int d = 0; d < p->ndims; d++) {
    q->dims[d] = l->size[p->dims[d]];
    if (d == q->shard_dim) continue;
    if (__builtin_mul_overflow(q->elements, q->dims[d], &q->elements) ||
        q->elements > (INT64_C(1) << 56))
      return mst_fail(err, MASTING_ERR_DATA,
                      "parameter %s: too many elements to count; try smaller "
                      "sizes",
                      p->name);
    if (q->local) *(d < q->shard_dim ? &q->before : &q->after) *= q->dims[d];
  }
  return MASTING_OK;
}

/* Adds output i: a parameter, or a derived quantity, which stands after the globals of a draw. */
static masting_status place(mst_layout *l, int i, mst_error *err) {
  const masting_param *p = mst_layout_output(l, i);
  mst_param_layout *q = &l->param[i];
  if (shape(l, p, q, err)) return err->status;
  const bool derived = i >= l->model->nparams;
  if (q->local && !p->hidden) l->stored += q->elements;
  if (q->local && !derived && p->transform != MASTING_IDENTITY) l->local_transforms = true;
  int64_t *total = derived    ? q->local ? &l->row_derived : &l->derived
                   : q->local ? &l->locals
                              : &l->globals;
  q->offset = *total + (derived && !q->local ? l->globals : 0);
  *total += q->elements;
  return MASTING_OK;
}

static masting_status place_normal(mst_layout *l, int i, mst_error *err) {
  const masting_normal *n = &l->model->normals[i];
  mst_normal_layout *q = &l->normal[i];
  *q = (mst_normal_layout){.offset = l->normals, .order = l->size[n->order]};
  if (q->order > INT32_MAX / 2)
    return mst_fail(err, MASTING_ERR_DATA,
                    "normal %s: too many rows for a matrix; expected at most %d, "
                    "got %lld",
                    n->name, INT32_MAX / 2, (long long)q->order);
  for (int k = 0; k < n->ninputs; k++) {
    mst_param_layout input;
    if (shape(l, &n->inputs[k], &input, err)) return err->status;
    q->inputs += input.elements;
  }
  l->normals += q->order + q->inputs;
  return MASTING_OK;
}

masting_status mst_layout_make(mst_layout *layout, const masting_model *model, const int64_t *size,
                               mst_error *err) {
  *layout = (mst_layout){.model = model};
  if (mst_model_check(model, err) || check_sizes(model, size, err)) return err->status;
  if (model->nsizes) memcpy(layout->size, size, (size_t)model->nsizes * sizeof *size);
  if (model->shard != MASTING_NO_SIZE) layout->n = size[model->shard];
  layout->outputs = model->nparams + model->nderived + model->nrow_derived;
  for (int i = 0; i < layout->outputs; i++)
    if (place(layout, i, err)) return err->status;
  for (int i = 0; i < model->nshared; i++) {
    if (shape(layout, &model->shared[i], &layout->share[i], err)) return err->status;
    layout->share[i].offset = layout->shared;
    layout->shared += layout->share[i].elements;
  }
  for (int i = 0; i < model->nnormals; i++)
    if (place_normal(layout, i, err)) return err->status;
  layout->reduced = model->nshared ? layout->shared : layout->globals;
  int64_t all, each = layout->locals + layout->row_derived;
  if (__builtin_mul_overflow(layout->n, each, &all) || all > (INT64_C(1) << 60))
    return mst_fail(err, MASTING_ERR_DATA,
                    "model %s: too many row-local elements to count; try fewer "
                    "rows",
                    model->name);
  return MASTING_OK;
}

int64_t mst_layout_elements(const mst_layout *layout) {
  return layout->globals + layout->n * layout->locals;
}

/* Stan's order of a row-local parameter: column-major if it is a matrix, else row-major. */
static void local_from_stan(const mst_layout *l, int param, int64_t i, int64_t *row,
                            int64_t *element) {
  const masting_param *p = &l->model->params[param];
  const mst_param_layout *q = &l->param[param];
  int64_t index[MASTING_MAX_DIMS] = {0};
  for (int s = 0; s < p->ndims; s++) {
    int d = p->column_major ? s : p->ndims - 1 - s;
    index[d] = i % q->dims[d];
    i /= q->dims[d];
  }
  int64_t within = 0;
  for (int d = 0; d < p->ndims; d++)
    if (d != q->shard_dim) within = within * q->dims[d] + index[d];
  *row = index[q->shard_dim];
  *element = q->offset + within;
}

bool mst_layout_from_stan(const mst_layout *layout, int64_t i, int64_t *row, int64_t *element) {
  for (int k = 0; k < layout->model->nparams; k++) {
    const mst_param_layout *q = &layout->param[k];
    int64_t count = q->local ? q->elements * layout->n : q->elements;
    if (i < count) {
      if (q->local) {
        local_from_stan(layout, k, i, row, element);
        return true;
      }
      *row = 0;
      *element = q->offset + i; /* global storage order is Stan's */
      return false;
    }
    i -= count;
  }
  mst_assert_failed(__FILE__, __LINE__, "element number within the layout");
}

int64_t mst_layout_from_row_major(const mst_layout *layout, int param, int64_t r) {
  const masting_param *p = mst_layout_output(layout, param);
  const mst_param_layout *q = &layout->param[param];
  if (!p->column_major) return r;
  int64_t stride = q->elements, element = 0;
  for (int d = p->ndims - 1; d >= 0; d--) {
    stride /= q->dims[d];
    element += r % q->dims[d] * stride;
    r /= q->dims[d];
  }
  return element;
}
