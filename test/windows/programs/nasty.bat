@rem More than to call node with a script: it is left to cmd.
@set NODE_PATH=%CD%
@node nasty.js
