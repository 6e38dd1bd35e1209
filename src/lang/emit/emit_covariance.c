/* lang/emit/emit_covariance.c -- normals of many rows at once: what prepare writes and global
 * reads for them, and their two functions of a tile, which work on one chain in doubles.
 */
#include "lang/emit/emit_impl.h"

static void write_function(emit_state *e, int k, const char *name, const char *array,
                           const char *more, const ir_block *block, int nblocks) {
  const ir_normal *n = &e->p->normal[k];
  mst_emit_begin(e, EMIT_NORMAL);
  e->normal = k;
  for (int i = 0; i < nblocks; i++) mst_emit_collect(e, &block[i]);
  e->depth = 0;
  mst_emit_line(
      e,
      "static void model_normal_%d_%s(void *opaque, const int64_t *size, const void *const *data, "
      "const double *inputs, int64_t %s, int64_t %s, int %s, int %s, %s, int %s%s) {",
      k, name, n->row->name, n->col->name, n->rows->name, n->cols->name, array, n->lead->name,
      more);
  e->depth = 1;
  mst_emit_line(e, "model_state *const state = opaque;");
  mst_emit_line(e, "(void)state;");
  mst_emit_line(e, "(void)size;");
  mst_emit_line(e, "(void)data;");
  mst_emit_line(e, "(void)inputs;");
  mst_emit_open(e);
  for (int i = 0; i < nblocks; i++) mst_emit_block(e, &block[i]);
  mst_emit_close(e);
  e->depth = 0;
  mst_emit_line(e, "}");
  mst_emit_blank(e);
}

void mst_emit_normals(emit_state *e) {
  ir_program *p = e->p;
  if (p->nnormals == 0) return;
  for (int k = 0; k < p->nnormals; k++) {
    const ir_normal *n = &p->normal[k];
    const char *place = mst_emit_place(e, n->loc);
    mst_emit_line(e, "/* The covariance of %s, a tile at a time, of one chain; and its slopes. */",
                  place ? mst_emit_commented(e->c, place) : "a normal");
    write_function(e, k, "covariance", mst_lang_format(e->c, "double *%s", n->out->name), "",
                   &n->covariance, 1);
    write_function(e, k, "slopes", mst_lang_format(e->c, "const double *%s", n->weight->name),
                   ", double *input_grad",
                   (const ir_block[]){n->gradient.forward, n->gradient.reverse}, 2);
  }
  for (int k = 0; k < p->nnormals; k++)
    mst_emit_write_group(
        e, mst_lang_format(e->c, "normal_%d_inputs", k),
        &(emit_group){.name = "normal", .var = p->normal[k].input, .count = p->normal[k].ninputs},
        true);
  mst_emit_line(e, "static const masting_normal model_normals[] = {");
  for (int k = 0; k < p->nnormals; k++) {
    const ir_normal *n = &p->normal[k];
    mst_emit_line(e,
                  "  {.name = \"normal_line_%d\", .order = %d, .inputs = model_normal_%d_inputs, "
                  ".ninputs = %d, "
                  ".covariance = model_normal_%d_covariance, .slopes = model_normal_%d_slopes},",
                  n->loc.line, mst_emit_size_of(e, mst_ir_scalar(e->c, n->order)), k, n->ninputs, k,
                  k);
  }
  mst_emit_line(e, "};");
  mst_emit_blank(e);
}
