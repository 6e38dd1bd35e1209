/* lang/syntax/scan.c -- see scan.h. */
#include "lang/syntax/scan.h"

#include <string.h>

#define SOURCES_MOST 10000

typedef struct spelling {
  lang_token_kind kind;
  const char *text;
} spelling;

#define LANG_X(name, text) {LANG_TOKEN_##name, text},
static const spelling punctuation[] = {LANG_PUNCTUATION(LANG_X)};
static const spelling keywords[] = {LANG_KEYWORDS(LANG_X)};
#undef LANG_X
#define COUNT(a) (sizeof(a) / sizeof *(a))

const char *mst_token_spelling(lang_token_kind kind) {
  for (size_t i = 0; i < COUNT(punctuation); i++)
    if (punctuation[i].kind == kind) return punctuation[i].text;
  for (size_t i = 0; i < COUNT(keywords); i++)
    if (keywords[i].kind == kind) return keywords[i].text;
  return NULL;
}

static bool is_digit(char b) { return b >= '0' && b <= '9'; }
static bool is_letter(char b) { return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z'); }
static bool is_word(char b) { return is_letter(b) || is_digit(b) || b == '_'; }
static bool is_blank(char b) {
  return b == ' ' || b == '\t' || b == '\f' || b == '\v' || b == '\r';
}

static lang_place *here(lang_scan *s) { return &s->level[s->depth - 1]; }

static lang_loc loc_of(const lang_place *p, const char *at) {
  return (lang_loc){p->file, p->line, (int)(at - p->line_start) + 1};
}

static void newline(lang_place *p) {
  p->at++;
  p->line++;
  p->line_start = p->at;
}

static void enter(lang_scan *s, int file) {
  const char *text = mst_lang_source_of(s->c, file)->text;
  if (strncmp(text, "\xEF\xBB\xBF", 3) == 0) text += 3; /* byte order mark */
  s->level[s->depth++] = (lang_place){file, 1, text, text};
}

void mst_scan_start(lang_scan *s, lang_context *c, int file, lang_include *find, void *argument) {
  *s = (lang_scan){.c = c, .find = find, .argument = argument};
  enter(s, file);
}

/* ---- characters that are no Stan ---- */

/* A UTF-8 sequence: its bytes (1 when it is broken) and its code point (-1). */
static int utf8(const char *text, long *point) {
  const unsigned char *b = (const unsigned char *)text;
  int n = b[0] >= 0xF0 ? 4 : b[0] >= 0xE0 ? 3 : b[0] >= 0xC0 ? 2 : 1;
  long value = n == 1 ? -1 : b[0] & (0x7F >> n);
  for (int i = 1; i < n; i++) {
    if ((b[i] & 0xC0) != 0x80) {
      *point = -1;
      return 1;
    }
    value = value << 6 | (b[i] & 0x3F);
  }
  *point = value;
  return n;
}

static const struct {
  long point;
  const char *name, *instead;
} lookalike[] = {{0x201C, "a typographic quote", "\""},
                 {0x201D, "a typographic quote", "\""},
                 {0x2018, "a typographic quote", "'"},
                 {0x2019, "a typographic quote", "'"},
                 {0x2032, "a prime", "'"},
                 {0x2212, "a typographic minus", "-"},
                 {0x2013, "a dash", "-"},
                 {0x2014, "a dash", "-"},
                 {0x2010, "a typographic hyphen", "-"},
                 {0x2011, "a typographic hyphen", "-"},
                 {0x00D7, "a multiplication sign", "*"},
                 {0x00B7, "a centred dot", "*"},
                 {0x22C5, "a centred dot", "*"},
                 {0x00F7, "a division sign", "/"},
                 {0x2264, "a typographic sign", "<="},
                 {0x2265, "a typographic sign", ">="},
                 {0x2260, "a typographic sign", "!="},
                 {0x223C, "a typographic tilde", "~"},
                 {0x00B2, "a superscript", "^2"},
                 {0x00A0, "a no-break space", "a plain space"},
                 {0x202F, "a no-break space", "a plain space"},
                 {0x2009, "a thin space", "a plain space"},
                 {0x3000, "a wide space", "a plain space"},
                 {0x200B, "an invisible space", "to delete it"},
                 {0xFEFF, "an invisible byte order mark", "to delete it"}};

static _Noreturn void unknown_character(lang_scan *s) {
  const lang_place *p = here(s);
  lang_loc loc = loc_of(p, p->at);
  unsigned char b = (unsigned char)*p->at;
  long point = b;
  int bytes = b < 0x80 ? 1 : utf8(p->at, &point);
  for (size_t i = 0; i < COUNT(lookalike); i++)
    if (lookalike[i].point == point)
      mst_lang_fail(s->c, loc, bytes, "%s (U+%04lX); expected plain characters; try %s",
                    lookalike[i].name, point, lookalike[i].instead);
  if (point < 0)
    mst_lang_fail(s->c, loc, 1, "a byte that is no text (0x%02X); expected a file in UTF-8", b);
  if (b == '&') mst_lang_fail(s->c, loc, 1, "a single '&'; expected '&&' (and); try &&");
  if (b == '_') mst_lang_fail(s->c, loc, 1, "a name begins with '_'; expected a letter first");
  if (b == '.')
    mst_lang_fail(
        s->c, loc, 1,
        "a single '.'; expected a number such as .5, an element of a tuple such as x.1, or "
        "an operator such as .*");
  if (b == '$' || b == '`')
    mst_lang_fail(s->c, loc, 1,
                  "unknown character '%c'; expected Stan code; names have letters, "
                  "digits and '_'",
                  b);
  if (b < 0x20 || b == 0x7F)
    mst_lang_fail(s->c, loc, 1,
                  "a control character (0x%02X); expected Stan code; try to delete it", b);
  if (b < 0x80) mst_lang_fail(s->c, loc, 1, "unknown character '%c'; expected Stan code", b);
  mst_lang_fail(s->c, loc, bytes,
                "a character '%.*s' (U+%04lX) outside comments and strings; "
                "expected ASCII; names have the letters a to z, digits and '_'",
                bytes, p->at, point);
}

/* ---- what is skipped ---- */

static void block_comment(lang_scan *s) {
  lang_place *p = here(s);
  lang_loc loc = loc_of(p, p->at);
  p->at += 2;
  while (*p->at && !(p->at[0] == '*' && p->at[1] == '/')) {
    if (*p->at == '\n')
      newline(p);
    else
      p->at++;
  }
  if (!*p->at)
    mst_lang_fail(s->c, loc, 2,
                  "a comment is not closed; expected '*/' before the end of the file");
  p->at += 2;
}

static void line_comment(lang_place *p) { p->at += strcspn(p->at, "\n"); }

/* The name after #include, in "", <> or bare; moves past it. */
static char *include_name(lang_scan *s, lang_loc loc) {
  lang_place *p = here(s);
  char close = *p->at == '"' ? '"' : *p->at == '<' ? '>' : 0;
  if (close) p->at++;
  const char *start = p->at;
  while (*p->at && *p->at != '\n' && *p->at != '\r' && *p->at != close &&
         (close || !is_blank(*p->at)))
    p->at++;
  size_t n = (size_t)(p->at - start);
  if (n == 0)
    mst_lang_fail(s->c, loc, 8,
                  "#include without a file; expected a name; try #include \"file.stan\"");
  if (close && *p->at != close)
    mst_lang_fail(s->c, loc_of(p, start - 1), 1,
                  "a file name is not closed; expected '%c' on the "
                  "same line",
                  close);
  char *name = mst_lang_copy(s->c, start, n);
  if (close) p->at++;
  return name;
}

static void include(lang_scan *s) {
  lang_place *p = here(s);
  lang_loc loc = loc_of(p, p->at);
  p->at += strlen("#include");
  while (is_blank(*p->at)) p->at++;
  char *name = include_name(s, loc);
  int width = loc_of(p, p->at).column - loc.column;
  if (!s->find)
    mst_lang_fail(s->c, loc, width,
                  "#include of '%s' is not possible here; expected a program in one "
                  "piece; try to paste the file in",
                  name);
  for (int i = 0; i < s->depth; i++)
    if (strcmp(mst_lang_source_of(s->c, s->level[i].file)->name, name) == 0)
      mst_lang_fail(s->c, loc, width,
                    "'%s' includes itself; expected files that do not go in circles", name);
  if (s->depth == LANG_INCLUDES_DEEPEST || s->c->nsources >= SOURCES_MOST)
    mst_lang_fail(s->c, loc, width,
                  "too many #include; expected at most %d in one another and %d in "
                  "all",
                  LANG_INCLUDES_DEEPEST, SOURCES_MOST);
  const char *text = s->find(s->c, name, s->argument);
  if (!text)
    mst_lang_fail(s->c, loc, width,
                  "#include: no file '%s'; expected one where the program looks for "
                  "included files; try its name relative to the program's folder",
                  name);
  int file = mst_lang_source(s->c, name, text);
  s->c->source[file].from = loc;
  enter(s, file);
}

static void hash(lang_scan *s) {
  lang_place *p = here(s);
  const char *after = p->at + strlen("#include");
  if (strncmp(p->at, "#include", strlen("#include")) == 0 &&
      (!*after || strchr(" \t\r\n\"<", *after))) {
    include(s);
    return;
  }
  if (!s->hash_warned)
    mst_lang_warn(s->c, loc_of(p, p->at), 1, "'#' begins a comment: deprecated; try //");
  s->hash_warned = true;
  line_comment(p);
}

/* Moves to the first character of the next token, or to the end of the outermost source. */
static void skip(lang_scan *s) {
  for (;;) {
    lang_place *p = here(s);
    char b = *p->at;
    if (b == '\n')
      newline(p);
    else if (is_blank(b))
      p->at++;
    else if (b == '/' && p->at[1] == '/')
      line_comment(p);
    else if (b == '/' && p->at[1] == '*')
      block_comment(s);
    else if (b == '#')
      hash(s);
    else if (b == '\0' && s->depth > 1)
      s->depth--;
    else
      return;
  }
}

/* ---- tokens ---- */

/* Digits, with single underscores within. */
static const char *digits(const char *at) {
  while (is_digit(*at) || (*at == '_' && is_digit(at[1]) && is_digit(at[-1]))) at++;
  return at;
}

static const char *exponent(const char *at) {
  if (*at != 'e' && *at != 'E') return at;
  const char *d = at + 1 + (at[1] == '+' || at[1] == '-');
  return is_digit(*d) ? digits(d) : at;
}

static lang_token_kind number(lang_scan *s, const char **at) {
  const char *start = *at, *p = digits(start);
  lang_token_kind kind = LANG_TOKEN_INT;
  if (*p == '.') {
    kind = p == start ? LANG_TOKEN_DOTTED : LANG_TOKEN_REAL;
    p = is_digit(p[1]) ? digits(p + 1) : p + 1;
  }
  const char *e = exponent(p);
  if (e > p) {
    kind = LANG_TOKEN_REAL;
    p = e;
  }
  if (*p == 'i' && !is_word(p[1])) {
    kind = LANG_TOKEN_IMAG;
    p++;
  }
  if (is_word(*p)) {
    const char *w = p;
    while (is_word(*w)) w++;
    const lang_place *q = here(s);
    mst_lang_fail(s->c, loc_of(q, start), (int)(w - start),
                  "a number runs into a word: '%.*s'; "
                  "expected an operator between '%.*s' and '%.*s'; try %.*s * %.*s; names begin "
                  "with a letter",
                  (int)(w - start), start, (int)(p - start), start, (int)(w - p), p,
                  (int)(p - start), start, (int)(w - p), p);
  }
  *at = p;
  return kind;
}

static lang_token_kind word(const char **at) {
  const char *start = *at, *p = start;
  while (is_word(*p)) p++;
  *at = p;
  size_t n = (size_t)(p - start);
  for (size_t i = 0; i < COUNT(keywords); i++)
    if (strncmp(keywords[i].text, start, n) == 0 && keywords[i].text[n] == '\0')
      return keywords[i].kind;
  return LANG_TOKEN_NAME;
}

static lang_token_kind string(lang_scan *s, const char **at) {
  const lang_place *p = here(s);
  const char *close = *at + 1 + strcspn(*at + 1, "\"\r\n");
  if (*close != '"')
    mst_lang_fail(s->c, loc_of(p, *at), 1,
                  "a string is not closed; expected '\"' on the same line");
  *at = close + 1;
  return LANG_TOKEN_STRING;
}

static lang_token_kind mark(lang_scan *s, const char **at) {
  for (size_t i = 0; i < COUNT(punctuation); i++) {
    size_t n = strlen(punctuation[i].text);
    if (strncmp(*at, punctuation[i].text, n) == 0) {
      *at += n;
      return punctuation[i].kind;
    }
  }
  unknown_character(s);
}

lang_token mst_scan_next(lang_scan *s) {
  skip(s);
  lang_place *p = here(s);
  const char *at = p->at;
  lang_token t = {.loc = loc_of(p, at), .text = at};
  if (!*at)
    t.kind = LANG_TOKEN_END;
  else if (is_letter(*at))
    t.kind = word(&at);
  else if (is_digit(*at) || (*at == '.' && is_digit(at[1])))
    t.kind = number(s, &at);
  else if (*at == '"')
    t.kind = string(s, &at);
  else
    t.kind = mark(s, &at);
  t.length = (int)(at - p->at);
  t.end = loc_of(p, at);
  p->at = at;
  return t;
}
