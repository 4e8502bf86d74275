// The program of vigie_prefix.cmake: there is a precompiled header only where something is compiled.
int main() { return 0; }
