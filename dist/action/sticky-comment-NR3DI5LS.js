import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
import{LONGEST_COMMENT,keepComment}from"./chunk-QCK2XIHQ.js";import"./chunk-RWJXQD25.js";import"./chunk-CUVYZ35J.js";export{LONGEST_COMMENT,keepComment};
