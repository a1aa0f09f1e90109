import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
import{habitsIn,habitsOf,isEnvironmentFile}from"./chunk-BQG6ZO2K.js";import"./chunk-XAM3IKSJ.js";import"./chunk-CUVYZ35J.js";export{habitsIn,habitsOf,isEnvironmentFile};
