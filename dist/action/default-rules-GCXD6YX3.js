import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
import{DEFAULT_IDS,GENERIC_RULES,oursFor,oursOnlyFor}from"./chunk-S3BNYKMQ.js";import"./chunk-CUVYZ35J.js";export{DEFAULT_IDS,GENERIC_RULES,oursFor,oursOnlyFor};
