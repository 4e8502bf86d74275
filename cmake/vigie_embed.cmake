# vigie_embed(file symbol)
#
# Compiles a data file of the folder it is called in into that folder's library, as `extern const std::string_view <symbol>` of
# the folder's namespace (platform is left out). The file is UTF-8 of at most 64 KiB; the source is made anew when it changes.
function(vigie_embed file symbol)
  file(RELATIVE_PATH folder "${CMAKE_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
  string(REPLACE "/" "_" stem "${folder}")
  string(REGEX REPLACE "^platform/" "" namespace "${folder}")
  string(REPLACE "/" "::" namespace "${namespace}")
  set(script "${CMAKE_SOURCE_DIR}/cmake/vigie_embed_file.cmake")
  set(in "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
  set(out "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.cc")
  add_custom_command(
    OUTPUT "${out}"
    COMMAND ${CMAKE_COMMAND} -Din=${in} -Dout=${out} -Dsymbol=${symbol} -Dnamespace=vigie::${namespace} -P "${script}"
    DEPENDS "${in}" "${script}"
    COMMENT "embedding ${folder}/${file}" VERBATIM)
  target_sources(vigie_${stem} PRIVATE "${out}")
endfunction()
