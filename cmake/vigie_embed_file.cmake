# Run by vigie_embed: writes the source `out` that holds the text of `in` as `symbol` of `namespace`.
file(READ "${in}" text)
string(CONCAT source
  "#include <string_view>\n\nnamespace ${namespace} {\n\nextern const std::string_view ${symbol};\n"
  "const std::string_view ${symbol} = R\"embedded(${text})embedded\";\n\n}  // namespace ${namespace}\n")
file(WRITE "${out}" "${source}")
