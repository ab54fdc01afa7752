/** Values of each section, as pairs sorted by key; `DEFAULT` stands first. */
export type ReadSections = readonly (readonly [
  string,
  readonly (readonly [string, string])[],
])[];

/** A text and what it is read as. */
export interface GoodIni {
  readonly name: string;
  readonly text: string;
  readonly sections: ReadSections;
}

/** A text and the line, from 1, that is wrong in it. */
export interface BadIni {
  readonly name: string;
  readonly text: string;
  readonly line: number;
}

// Both tables are what Python 3.11 makes of the texts when it reads them from a file:
// ConfigParser(interpolation=None).read(file, encoding="utf-8-sig").

/** Texts that are read. */
export const GOOD_INI: readonly GoodIni[] = [
  {
    name: "a plain value",
    text: "[DEFAULT]\npassword=secret\n",
    sections: [["DEFAULT", [["password", "secret"]]]],
  },
  {
    name: "marks inside a value",
    text: "[DEFAULT]\npassword=a;b#c=d:e 'f' \"g\" %(h)s %i $j\n",
    sections: [["DEFAULT", [["password", "a;b#c=d:e 'f' \"g\" %(h)s %i $j"]]]],
  },
  {
    name: "quotes around a value",
    text: '[DEFAULT]\npassword="x y"\n',
    sections: [["DEFAULT", [["password", '"x y"']]]],
  },
  {
    name: "a mark after a blank",
    text: "[DEFAULT]\npassword=a ; b # c\n",
    sections: [["DEFAULT", [["password", "a ; b # c"]]]],
  },
  {
    name: "a mark in front of a value",
    text: "[DEFAULT]\npassword=#x\nother=;y\n",
    sections: [["DEFAULT", [["other", ";y"], ["password", "#x"]]]],
  },
  {
    name: "an equals sign in front of a value",
    text: "[DEFAULT]\npassword==x\nother=:y\n",
    sections: [["DEFAULT", [["other", ":y"], ["password", "=x"]]]],
  },
  {
    name: "numbers and words as they stand",
    text: "[DEFAULT]\na=007\nb=true\nc=1e3\nd=null\n",
    sections: [["DEFAULT", [["a", "007"], ["b", "true"], ["c", "1e3"], [
      "d",
      "null",
    ]]]],
  },
  {
    name: "ends trimmed, inner blanks kept",
    text: "[DEFAULT]\npassword = \t a  b \t \n",
    sections: [["DEFAULT", [["password", "a  b"]]]],
  },
  {
    name: "a colon as delimiter",
    text: "[DEFAULT]\npassword: x=y\n",
    sections: [["DEFAULT", [["password", "x=y"]]]],
  },
  {
    name: "the first delimiter",
    text: "[DEFAULT]\na=b:c\nd:e=f\n",
    sections: [["DEFAULT", [["a", "b:c"], ["d", "e=f"]]]],
  },
  {
    name: "keys in lower case, with blanks",
    text: "[DEFAULT]\nPass Word = x\nÄÖ=y\n",
    sections: [["DEFAULT", [["pass word", "x"], ["äö", "y"]]]],
  },
  {
    name: "no line end at the end",
    text: "[DEFAULT]\npassword=x",
    sections: [["DEFAULT", [["password", "x"]]]],
  },
  {
    name: "CRLF",
    text: "[DEFAULT]\r\npassword=x;y\r\nother=z\r\n",
    sections: [["DEFAULT", [["other", "z"], ["password", "x;y"]]]],
  },
  {
    name: "CR alone",
    text: "[DEFAULT]\rpassword=x\rother=z\r",
    sections: [["DEFAULT", [["other", "z"], ["password", "x"]]]],
  },
  {
    name: "a byte order mark",
    text: "\ufeff[DEFAULT]\npassword=x\n",
    sections: [["DEFAULT", [["password", "x"]]]],
  },
  {
    name: "a byte order mark and CRLF",
    text: "\ufeff[DEFAULT]\r\npassword=x\r\n",
    sections: [["DEFAULT", [["password", "x"]]]],
  },
  {
    name: "a byte order mark inside a value",
    text: "[DEFAULT]\npassword=\ufeffx\ufeff\n",
    sections: [["DEFAULT", [["password", "\ufeffx\ufeff"]]]],
  },
  {
    name: "an empty value",
    text: "[DEFAULT]\npassword=\nother=x\n",
    sections: [["DEFAULT", [["other", "x"], ["password", ""]]]],
  },
  {
    name: "a continued value",
    text: "[DEFAULT]\npassword=a\n b\n\tc\nother=x\n",
    sections: [["DEFAULT", [["other", "x"], ["password", "a\nb\nc"]]]],
  },
  {
    name: "a value that begins on the next line",
    text: "[DEFAULT]\npassword=\n  a\n",
    sections: [["DEFAULT", [["password", "\na"]]]],
  },
  {
    name: "comments and blank lines in a continued value",
    text: "[DEFAULT]\npassword=a\n  # no\n\n  b\n; no\n  c\n\n\nother=x\n",
    sections: [["DEFAULT", [["other", "x"], ["password", "a\n\nb\nc"]]]],
  },
  {
    name: "a continuation that looks like a key",
    text: "[DEFAULT]\npassword=a\n b=c\n",
    sections: [["DEFAULT", [["password", "a\nb=c"]]]],
  },
  {
    name: "a continuation that looks like a section",
    text: "[DEFAULT]\npassword=a\n [x]\n",
    sections: [["DEFAULT", [["password", "a\n[x]"]]]],
  },
  {
    name: "an indented section and its keys",
    text: "  [a]\n  b=c\n  d=e\n   f\n g=h\n",
    sections: [["DEFAULT", []], ["a", [["b", "c"], ["d", "e\nf"], ["g", "h"]]]],
  },
  {
    name: "an indented key after a section",
    text: "[a]\n  b=c\n    d\n  e=f\n",
    sections: [["DEFAULT", []], ["a", [["b", "c\nd"], ["e", "f"]]]],
  },
  {
    name: "comments of both kinds",
    text: "# a=b\n; c=d\n[DEFAULT]\n  # e=f\n#g=h\ni=j\n",
    sections: [["DEFAULT", [["i", "j"]]]],
  },
  {
    name: "defaults fall through",
    text: "[DEFAULT]\na=1\nb=2\n[x]\nb=3\n[y]\n",
    sections: [["DEFAULT", [["a", "1"], ["b", "2"]]], ["x", [["a", "1"], [
      "b",
      "3",
    ]]], ["y", [["a", "1"], ["b", "2"]]]],
  },
  {
    name: "defaults after a section",
    text: "[x]\nb=3\n[DEFAULT]\na=1\n",
    sections: [["DEFAULT", [["a", "1"]]], ["x", [["a", "1"], ["b", "3"]]]],
  },
  {
    name: "defaults in two parts",
    text: "[DEFAULT]\na=1\n[x]\n[DEFAULT]\nb=2\n",
    sections: [["DEFAULT", [["a", "1"], ["b", "2"]]], ["x", [["a", "1"], [
      "b",
      "2",
    ]]]],
  },
  {
    name: "section names as they stand",
    text: "[ a ]\nb=1\n[c;d#e]\nf=2\n[g]h]\ni=3\n[channel x y]\nj=4\n",
    sections: [
      ["DEFAULT", []],
      [" a ", [["b", "1"]]],
      ["c;d#e", [["f", "2"]]],
      ["g]h", [["i", "3"]]],
      ["channel x y", [["j", "4"]]],
    ],
  },
  {
    name: "text after a section",
    text: "[a] ; b\nc=1\n",
    sections: [["DEFAULT", []], ["a", [["c", "1"]]]],
  },
  {
    name: "names of every object",
    text:
      "[__proto__]\nconstructor=1\n__proto__=2\n[constructor]\ntoString=3\n",
    sections: [["DEFAULT", []], ["__proto__", [["__proto__", "2"], [
      "constructor",
      "1",
    ]]], ["constructor", [["tostring", "3"]]]],
  },
  {
    name: "a lower-case default section",
    text: "[default]\na=1\n[x]\n",
    sections: [["DEFAULT", []], ["default", [["a", "1"]]], ["x", []]],
  },
  {
    name: "Python's blanks",
    text:
      "[DEFAULT]\na=\u00a0x\u00a0\nb=\u3000y\u0085\nc=\u001fz\u001c\nd=\u200bw\u200b\n",
    sections: [["DEFAULT", [["a", "x"], ["b", "y"], ["c", "z"], [
      "d",
      "\u200bw\u200b",
    ]]]],
  },
  {
    name: "a form feed and a vertical tab",
    text: "[DEFAULT]\na=\fx\u000by\u000b\n",
    sections: [["DEFAULT", [["a", "x\u000by"]]]],
  },
  {
    name: "a line separator",
    text: "[DEFAULT]\na=x\u2028y\n",
    sections: [["DEFAULT", [["a", "x\u2028y"]]]],
  },
  {
    name: "NUL in a value",
    text: "[DEFAULT]\na=x\0y\n",
    sections: [["DEFAULT", [["a", "x\0y"]]]],
  },
  {
    name: "brackets as a key",
    text: "[a]\n[]=x\n",
    sections: [["DEFAULT", []], ["a", [["[]", "x"]]]],
  },
  { name: "no text", text: "", sections: [["DEFAULT", []]] },
  { name: "blank lines alone", text: "\n\n  \n", sections: [["DEFAULT", []]] },
  {
    name: "a default that a section repeats",
    text: "[DEFAULT]\na=1\n[x]\nA=2\n",
    sections: [["DEFAULT", [["a", "1"]]], ["x", [["a", "2"]]]],
  },
  {
    name: "the same key in two sections",
    text: "[x]\na=1\n[y]\na=2\n",
    sections: [["DEFAULT", []], ["x", [["a", "1"]]], ["y", [["a", "2"]]]],
  },
];

/** Texts that are refused. */
export const BAD_INI: readonly BadIni[] = [
  { name: "a key before any section", text: "\n a=1\n", line: 2 },
  {
    name: "a byte order mark twice",
    text: "\ufeff\ufeff[DEFAULT]\na=1\n",
    line: 1,
  },
  { name: "a key without a delimiter", text: "[a]\nb=1\nhunter2\n", line: 3 },
  { name: "a delimiter without a key", text: "[a]\n=x\n", line: 2 },
  { name: "a colon without a key", text: "[a]\n : x\n", line: 2 },
  { name: "a key twice", text: "[a]\nb=1\n\nb=2\n", line: 4 },
  {
    name: "a key twice in other letters",
    text: "[DEFAULT]\npassword=a\nPASSWORD=b\n",
    line: 3,
  },
  {
    name: "a key twice over two parts of the defaults",
    text: "[DEFAULT]\na=1\n[x]\n[DEFAULT]\na=2\n",
    line: 5,
  },
  { name: "a section twice", text: "[a]\nb=1\n[a]\nc=2\n", line: 3 },
  { name: "an empty section name", text: "[a]\n[]\n", line: 2 },
  { name: "an open bracket", text: "[a\nb=1\n", line: 1 },
  { name: "a continuation after a section", text: "[a]\n  b\n", line: 2 },
];
