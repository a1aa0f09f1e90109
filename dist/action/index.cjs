'use strict';
import('./main.js').catch((error) => {
  process.exitCode = 1;
  console.log('::error title=unleak::The Action could not be loaded');
  console.error(error);
});
