/* gallery/tables.h -- the gallery's tables of models, one per SIMD level and lane width.
 *
 * A unit (unit_w8.c ...) includes all model files at one lane width and is compiled once per
 * SIMD level (base/isa.h); each object exports one NULL-terminated table, mst_gallery_v4_w8 ...,
 * all in the same order. gallery.c picks among them. Not collective.
 */
#ifndef MST_MODEL_GALLERY_TABLES_H
#define MST_MODEL_GALLERY_TABLES_H

#define MST_GALLERY_PASTE_(isa, lanes) mst_gallery_##isa##_w##lanes
#define MST_GALLERY_TABLE(isa, lanes) MST_GALLERY_PASTE_(isa, lanes)

#define MST_GALLERY_DECLARE(isa)                                                                   \
  extern const struct masting_model *const MST_GALLERY_TABLE(isa, 1)[];                            \
  extern const struct masting_model *const MST_GALLERY_TABLE(isa, 2)[];                            \
  extern const struct masting_model *const MST_GALLERY_TABLE(isa, 4)[];                            \
  extern const struct masting_model *const MST_GALLERY_TABLE(isa, 8)[];                            \
  extern const struct masting_model *const MST_GALLERY_TABLE(isa, 16)[]

MST_GALLERY_DECLARE(base);
MST_GALLERY_DECLARE(v3);
MST_GALLERY_DECLARE(v4);

#endif
