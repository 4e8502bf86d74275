// The program of vigie_prefix.cmake: CMake precompiles headers only where something is compiled.
int main() { return 0; }
