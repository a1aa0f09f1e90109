import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
import{DEFAULT_IDS,GENERIC_RULES,oursFor,oursForEither,oursOnlyFor}from"./chunk-CNE3UPPT.js";import"./chunk-CUVYZ35J.js";export{DEFAULT_IDS,GENERIC_RULES,oursFor,oursForEither,oursOnlyFor};
